/** What can become of a job, as one pure function from what was known and what happened to what is known. */
import { AppError, codeOf, NO_ANSWER, wordsOf } from '../services/errors';
import type { Stylization } from '../services/stylizations';

export type JobState = {
  /** The service cannot be reached; what is said of the job is what was last heard. */
  offline: boolean;
} & (
  | { kind: 'idle' }
  | { kind: 'uploading'; share: number }
  | { kind: 'queued'; job: Stylization }
  | { kind: 'running'; job: Stylization }
  | { kind: 'done'; job: Stylization }
  | { kind: 'cancelled'; job: Stylization | null }
  | {
      kind: 'failed';
      code: string;
      message: string;
      retryable: boolean;
      retryAfterS: number | null;
      /** Null when the service never took it. */
      job: Stylization | null;
    }
);

export type JobEvent =
  | { kind: 'started' }
  | { kind: 'sent'; share: number }
  | { kind: 'heard'; job: Stylization }
  | { kind: 'refused'; error: unknown }
  | { kind: 'unreachable' }
  | { kind: 'cleared' };

export const IDLE: JobState = { kind: 'idle', offline: false };

export function next(state: JobState, event: JobEvent): JobState {
  switch (event.kind) {
    case 'started':
      return { kind: 'uploading', share: 0, offline: false };
    case 'sent': // a second attempt begins anew, but nobody wants to see it go back
      return state.kind === 'uploading' ? { ...state, share: Math.max(state.share, Math.min(1, event.share)) } : state;
    case 'heard':
      return heard(event.job);
    case 'refused':
      return refused(state, event.error);
    case 'unreachable':
      return isOpen(state) ? { ...state, offline: true } : state;
    case 'cleared':
      return IDLE;
  }
}

/** Whether something is still to come. */
export function isOpen(state: JobState): boolean {
  return state.kind === 'uploading' || state.kind === 'queued' || state.kind === 'running';
}

/** Its upload got no answer: worth another try as soon as there is a network. */
export function isCutOff(state: JobState): boolean {
  return state.kind === 'failed' && state.job === null && NO_ANSWER.includes(state.code);
}

export function jobOf(state: JobState): Stylization | null {
  return 'job' in state ? state.job : null;
}

function heard(job: Stylization): JobState {
  const { status, error } = job;
  if (status !== 'failed') return { kind: status, job, offline: false };
  return {
    kind: 'failed',
    code: error?.code ?? 'server_error',
    message: error?.message ?? wordsOf(new AppError('server_error')),
    retryable: error?.retryable ?? false,
    retryAfterS: null,
    job,
    offline: false,
  };
}

function refused(state: JobState, error: unknown): JobState {
  const code = codeOf(error);
  if (code === 'aborted') return { kind: 'cancelled', job: null, offline: false };
  const { retryable, retryAfterS } = error instanceof AppError ? error : { retryable: true, retryAfterS: null };
  return { kind: 'failed', code, message: wordsOf(error), retryable, retryAfterS, job: jobOf(state), offline: false };
}
