/** A job of the history, polled while its page is open. */
import { stylizations } from '../services/stylizations';
import type { JobState } from './job-state';
import { JobStore } from './job-store';
import { Poller } from './poller';

export interface TrackedJob {
  readonly state: JobState;
  /** Calls the listener at once with the current state, then at every change. Returns the function that unsubscribes it. */
  subscribe(listener: (state: JobState) => void): () => void;
  cancel(): Promise<void>;
  /** Polls again, or submits the job again, depending on the state. */
  retry(): void;
  /** Ends the polling. */
  stop(): void;
}

/** Starts to poll a job. Polling pauses while the app is in the background. */
export function trackJob(id: string): TrackedJob {
  const store = new JobStore();
  let poller = startPoller();

  function startPoller(): Poller {
    const started = new Poller(() => stylizations.find(id), store.pollerListener);
    started.start();
    return started;
  }

  const pause = () => poller.pause();
  const resume = () => poller.resume();
  wx.onAppHide(pause);
  wx.onAppShow(resume);
  return {
    get state() {
      return store.state;
    },
    subscribe: (listener) => store.subscribe(listener),
    async cancel() {
      store.dispatch({ kind: 'received', job: await stylizations.cancel(id) });
      poller.stop();
    },
    retry() {
      poller.stop();
      poller = startPoller();
    },
    stop() {
      poller.stop();
      wx.offAppHide(pause);
      wx.offAppShow(resume);
    },
  };
}
