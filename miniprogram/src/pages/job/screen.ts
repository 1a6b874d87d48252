/** Which screen the job page shows for a state. */
import type { JobState } from '../../jobs/job-state';
import { INACCESSIBLE_CODES } from '../../services/errors';

export type Screen = 'loading' | 'none' | 'open' | 'failed' | 'cancelled' | 'missing' | 'done' | 'expired' | 'removed' | 'unreachable';

/**
 * `isJobExpected`: the page was opened for a job, or a current job is stored. An idle state then means that the job is being
 * loaded, and a failure without a job means that it could not be loaded.
 */
export function screenOf(state: JobState, isJobExpected: boolean): Screen {
  switch (state.kind) {
    case 'idle':
      return isJobExpected ? 'loading' : 'none';
    case 'uploading':
    case 'queued':
    case 'running':
      return 'open';
    case 'failed':
      if (state.job) return 'failed';
      if (INACCESSIBLE_CODES.includes(state.code)) return 'missing';
      return isJobExpected ? 'unreachable' : 'failed';
    case 'cancelled':
      return 'cancelled';
    case 'done': // the record of a work is kept longer than its picture
      return state.job.result ? 'done' : 'expired';
  }
}

/** Whether the user can retry a failed job. A job that the service accepted needs its photo. */
export function canRetry(state: JobState): boolean {
  return state.kind === 'failed' && state.retryable && (state.job === null || state.job.content !== null);
}
