/** What is told of a work while it is made: its step of the craft, how far that is, and what is known of the time left. */
import type { JobState } from '../../jobs/machine';

export interface Progress {
  stage: 'knead' | 'dry' | 'fire' | 'polish';
  /** Of the present step, 0 to 1. */
  share: number;
  text: string;
  detail: string;
}

/** In whose words: `t` of the area `job`, and the texts of numbers. */
export interface Words {
  say(key: 'uploaded' | 'received' | 'place_next' | 'place' | 'done_share' | 'eta' | 'two_facts', params?: Record<string, string | number>): string;
  seconds(seconds: number): string;
  percent(share: number): number;
}

/** The mark is set and the picture is stored in the last tenth. */
const POLISHING_FROM = 0.9;

/** Null unless it is under way. */
export function progressOf(state: JobState, words: Words): Progress | null {
  if (state.kind === 'uploading') return uploading(state.share, words);
  if (state.kind === 'queued') return waiting(state.job, words);
  return state.kind === 'running' ? firing(state.job, words) : null;
}

function uploading(share: number, { say, percent }: Words): Progress {
  return { stage: 'knead', share, text: share < 1 ? say('uploaded', { percent: percent(share) }) : say('received'), detail: '' };
}

/** The chip fills as the line in front grows shorter. */
function waiting({ position, eta_s }: { position: number | null; eta_s: number | null }, words: Words): Progress {
  const before = Math.max(0, (position ?? 1) - 1);
  const text = before ? words.say('place', { count: before }) : words.say('place_next');
  return { stage: 'dry', share: 1 / (before + 2), text, detail: timeLeft(eta_s, words) };
}

function firing({ progress, eta_s }: { progress: number; eta_s: number | null }, words: Words): Progress {
  const polishing = progress >= POLISHING_FROM;
  const share = polishing ? (progress - POLISHING_FROM) / (1 - POLISHING_FROM) : progress / POLISHING_FROM;
  const text = words.say('done_share', { percent: words.percent(progress) });
  return { stage: polishing ? 'polish' : 'fire', share, text, detail: timeLeft(eta_s, words) };
}

function timeLeft(seconds: number | null, { say, seconds: textOf }: Words): string {
  return seconds === null ? '' : say('eta', { time: textOf(seconds) });
}
