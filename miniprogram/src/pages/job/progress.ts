/** The progress of a job: its stage, the progress within the stage, and the estimated time left. */
import type { TextParams } from '../../i18n/index';
import type { JobState } from '../../jobs/job-state';

export interface Progress {
  stage: 'upload' | 'queue' | 'render';
  /** The progress within the stage, from 0 to 1. */
  share: number;
  text: string;
  detail: string;
}

/** How texts and numbers are written: `t` for the area `job`, and the formatters. */
export interface ProgressTexts {
  text(key: 'uploaded' | 'received' | 'place_next' | 'place' | 'done_share' | 'eta', params?: TextParams): string;
  duration(seconds: number): string;
  percent(share: number): number;
}

/** Null unless the job is open. */
export function progressOf(state: JobState, texts: ProgressTexts): Progress | null {
  if (state.kind === 'uploading') return uploadProgress(state.share, texts);
  if (state.kind === 'queued') return queueProgress(state.job, texts);
  return state.kind === 'running' ? renderProgress(state.job, texts) : null;
}

function uploadProgress(share: number, { text, percent }: ProgressTexts): Progress {
  return { stage: 'upload', share, text: share < 1 ? text('uploaded', { percent: percent(share) }) : text('received'), detail: '' };
}

/** The share grows as the number of jobs ahead falls. */
function queueProgress({ position, eta_s }: { position: number | null; eta_s: number | null }, texts: ProgressTexts): Progress {
  const ahead = Math.max(0, (position ?? 1) - 1);
  const text = ahead ? texts.text('place', { count: ahead }) : texts.text('place_next');
  return { stage: 'queue', share: 1 / (ahead + 2), text, detail: timeLeft(eta_s, texts) };
}

function renderProgress({ progress, eta_s }: { progress: number; eta_s: number | null }, texts: ProgressTexts): Progress {
  const text = texts.text('done_share', { percent: texts.percent(progress) });
  return { stage: 'render', share: progress, text, detail: timeLeft(eta_s, texts) };
}

function timeLeft(seconds: number | null, { text, duration }: ProgressTexts): string {
  return seconds === null ? '' : text('eta', { time: duration(seconds) });
}
