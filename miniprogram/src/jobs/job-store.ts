/** Holds the state of a job and notifies its subscribers. */
import type { Stylization } from '../services/stylizations';
import { IDLE, isOpen, type JobEvent, type JobState, nextState } from './job-state';
import type { PollerListener } from './poller';

/** A short loss of the network, such as in a lift, is not reported. */
const FAILURES_UNTIL_OFFLINE = 3;

export class JobStore {
  private current: JobState = IDLE;
  private readonly listeners = new Set<(state: JobState) => void>();

  get state(): JobState {
    return this.current;
  }

  /** Calls the listener at once, then at every change. Returns the function that unsubscribes it. */
  subscribe(listener: (state: JobState) => void): () => void {
    this.listeners.add(listener);
    listener(this.current);
    return () => this.listeners.delete(listener);
  }

  dispatch(event: JobEvent): void {
    this.current = nextState(this.current, event);
    for (const listener of [...this.listeners]) listener(this.current);
  }

  /** Turns the callbacks of a poller into events. */
  get pollerListener(): PollerListener {
    return {
      onJob: (job: Stylization) => this.dispatch({ kind: 'received', job }),
      onError: (error, failures) => {
        if (!isOpen(this.current)) this.dispatch({ kind: 'rejected', error });
        else if (failures >= FAILURES_UNTIL_OFFLINE) this.dispatch({ kind: 'unreachable' });
      },
      onInaccessible: (error) => this.dispatch({ kind: 'rejected', error }),
    };
  }
}
