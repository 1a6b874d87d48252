/** Which face the page of a work has. */
import type { JobState } from '../../jobs/machine';
import { GONE } from '../../services/errors';
import type { Stylization } from '../../services/stylizations';

export type Face = 'loading' | 'none' | 'open' | 'failed' | 'cancelled' | 'missing' | 'done' | 'expired' | 'removed' | 'unreached';

/**
 * `expected`: the page was opened for a work, or one is kept as live, so an idle state is only the time until it is heard of,
 * and a failure without a word of it says nothing about the work.
 */
export function faceOf(state: JobState, expected: boolean): Face {
  switch (state.kind) {
    case 'idle':
      return expected ? 'loading' : 'none';
    case 'uploading':
    case 'queued':
    case 'running':
      return 'open';
    case 'failed':
      if (state.job) return 'failed';
      if (GONE.includes(state.code)) return 'missing';
      return expected ? 'unreached' : 'failed';
    case 'cancelled':
      return 'cancelled';
    case 'done':
      return faceOfWork(state.job);
  }
}

/** The row of a work outlives its picture. */
export function faceOfWork({ result }: Stylization): Face {
  return result ? 'done' : 'expired';
}

/** What of a failure can be tried again by a tap. */
export function canRetry(state: JobState): boolean {
  return state.kind === 'failed' && state.retryable && (state.job === null || state.job.content !== null);
}
