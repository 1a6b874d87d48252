/** Any job of the history, followed while it is open. */
import { stylizations } from '../services/stylizations';
import type { JobState } from './machine';
import { Poller } from './poller';
import { Watched } from './state';

export interface Following {
  readonly state: JobState;
  /** The listener is called at once with the present state; returns how to hear no more. */
  subscribe(listener: (state: JobState) => void): () => void;
  cancel(): Promise<void>;
  /** Ask again, or try again, whichever the state calls for. */
  retry(): void;
  /** Nobody looks any more. */
  stop(): void;
}

export function follow(id: string): Following {
  const watched = new Watched();
  let poller = started();

  function started(): Poller {
    const begun = new Poller(() => stylizations.find(id), watched.listener);
    begun.start();
    return begun;
  }

  const pause = () => poller.pause();
  const resume = () => poller.resume();
  wx.onAppHide(pause);
  wx.onAppShow(resume);
  return {
    get state() {
      return watched.state;
    },
    subscribe: (listener) => watched.subscribe(listener),
    async cancel() {
      watched.happened({ kind: 'heard', job: await stylizations.cancel(id) });
      poller.stop();
    },
    retry() {
      poller.stop();
      poller = started();
    },
    stop() {
      poller.stop();
      wx.offAppHide(pause);
      wx.offAppShow(resume);
    },
  };
}
