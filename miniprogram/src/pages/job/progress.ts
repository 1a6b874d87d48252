/** The progress of a job: its stage, how much of it is done, and the estimated time left. */
import type { TextParams } from '../../i18n/index';
import type { JobState } from '../../jobs/job-state';
import type { Stylization } from '../../services/stylizations';

export interface Progress {
  /** `running`: the service does not say which stage it is. */
  stage: 'upload' | 'queued' | 'running' | 'loading' | 'painting' | 'storing';
  /** How much of the upload, of the queue or of the rendering is done, from 0 to 1; null if that is unknown. */
  share: number | null;
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
function queueProgress({ position, eta_s }: Stylization, texts: ProgressTexts): Progress {
  const ahead = Math.max(0, (position ?? 1) - 1);
  const text = ahead ? texts.text('place', { count: ahead }) : texts.text('place_next');
  return { stage: 'queued', share: 1 / (ahead + 2), text, detail: timeLeft(eta_s, texts) };
}

/** The service knows the share only when it has measured how long a rendering takes. */
function renderProgress({ stage, progress, eta_s }: Stylization, texts: ProgressTexts): Progress {
  return {
    stage: !stage || stage === 'queued' ? 'running' : stage,
    share: progress,
    text: progress === null ? '' : texts.text('done_share', { percent: texts.percent(progress) }),
    detail: timeLeft(eta_s, texts),
  };
}

function timeLeft(seconds: number | null, { text, duration }: ProgressTexts): string {
  return seconds === null ? '' : text('eta', { time: duration(seconds) });
}
