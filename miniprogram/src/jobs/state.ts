/** A job's state that can be watched. */
import type { Stylization } from '../services/stylizations';
import { IDLE, isOpen, type JobEvent, type JobState, next } from './machine';
import type { Listener } from './poller';

const UNANSWERED_UNTIL_OFFLINE = 3; // a lift or a tunnel is not worth a word

export class Watched {
  private current: JobState = IDLE;
  private readonly listeners = new Set<(state: JobState) => void>();

  get state(): JobState {
    return this.current;
  }

  /** The listener is called at once, and at every change; returns how to hear no more. */
  subscribe(listener: (state: JobState) => void): () => void {
    this.listeners.add(listener);
    listener(this.current);
    return () => this.listeners.delete(listener);
  }

  happened(event: JobEvent): void {
    this.current = next(this.current, event);
    for (const listener of [...this.listeners]) listener(this.current);
  }

  /** What a poller tells of it. */
  get listener(): Listener {
    return {
      heard: (job: Stylization) => this.happened({ kind: 'heard', job }),
      unanswered: (error, times) => {
        if (!isOpen(this.current)) this.happened({ kind: 'refused', error });
        else if (times >= UNANSWERED_UNTIL_OFFLINE) this.happened({ kind: 'unreachable' });
      },
      lost: (error) => this.happened({ kind: 'refused', error }),
    };
  }
}
