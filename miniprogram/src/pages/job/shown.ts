/** What the page of a work shows of where the job stands. It knows no page and no `wx`. */
import type { JobState } from '../../jobs/machine';
import { lookOf, choiceOf } from '../create/choice';
import { orderOf, photoOf } from '../create/order';
import type { Order, Stylization } from '../../services/stylizations';

export type Stage = 'knead' | 'dry' | 'fire' | 'polish' | 'out';

/**
 * `gone`: it was finished, and its picture has been forgotten since. `missing`: nobody knows it.
 * `unreached`: what became of it cannot be asked at present.
 */
export type Shown = 'loading' | 'none' | 'open' | 'done' | 'gone' | 'failed' | 'cancelled' | 'missing' | 'unreached';

const ALMOST_DONE = 0.9;
const UNKNOWN = ['not_found', 'forbidden', 'expired'];

/** The steps of the craft. The last of the work is marking and storing the picture: the polish. */
export function stageOf(state: JobState): Stage {
  if (state.kind === 'queued') return 'dry';
  if (state.kind === 'running') return state.job.progress >= ALMOST_DONE ? 'polish' : 'fire';
  return state.kind === 'done' ? 'out' : 'knead';
}

/** How far the whole way is gone: the upload is its first fifth, waiting its second, the fire the rest. */
export function shareOf(state: JobState): number {
  switch (state.kind) {
    case 'uploading':
      return 0.2 * state.share;
    case 'queued':
      return 0.2 + 0.2 / Math.max(1, state.job.position ?? 1);
    case 'running':
      return 0.4 + 0.6 * state.job.progress;
    case 'done':
      return 1;
    default:
      return 0;
  }
}

/** `named`: the page was opened for one certain work, which has still to be found while the state is idle. */
export function shownOf(state: JobState, named: boolean): Shown {
  switch (state.kind) {
    case 'idle':
      return named ? 'loading' : 'none';
    case 'uploading':
    case 'queued':
    case 'running':
      return 'open';
    case 'done':
      return state.job.result ? 'done' : 'gone';
    case 'failed':
      if (UNKNOWN.includes(state.code) && !state.job) return 'missing';
      return named && !state.job ? 'unreached' : 'failed';
    case 'cancelled':
      return 'cancelled';
  }
}

export interface Words {
  /** `t` of the job area. */
  say(key: 'uploaded' | 'received' | 'place_next' | 'place' | 'done_share' | 'eta' | 'two_facts', params?: Record<string, string | number>): string;
  percent(share: number): string;
  seconds(seconds: number): string;
}

/** How far it is and how long it takes, in one line. */
export function progressText(state: JobState, words: Words): string {
  if (state.kind === 'uploading') {
    return state.share < 1 ? words.say('uploaded', { percent: words.percent(state.share) }) : words.say('received');
  }
  if (state.kind !== 'queued' && state.kind !== 'running') return '';
  const { position, eta_s: left, progress } = state.job;
  const ahead = Math.max(0, (position ?? 1) - 1);
  const one =
    state.kind === 'running'
      ? words.say('done_share', { percent: words.percent(progress) })
      : ahead
        ? words.say('place', { count: ahead })
        : words.say('place_next');
  return left === null ? one : words.say('two_facts', { one, other: words.say('eta', { time: words.seconds(left) }) });
}

/** The same photograph in the same look once more; null once the photograph has been forgotten. */
export function orderAgain(work: Stylization, clientKey: string): Order | null {
  const photo = photoOf(work);
  return photo && orderOf(photo, lookOf(choiceOf(work), work.tau), clientKey);
}
