/** The states of a job, and the pure function that derives the next state from an event. */
import { AppError, codeOf, messageOf, UNREACHABLE_CODES } from '../services/errors';
import { isUnfinished, type Stylization } from '../services/stylizations';

export type JobState = {
  /** The service is unreachable; the state is the last known one. */
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
      /** Null if the service never accepted the request. */
      job: Stylization | null;
    }
);

export type JobEvent =
  | { kind: 'started' }
  /** `share` of the upload, from 0 to 1. */
  | { kind: 'progressed'; share: number }
  | { kind: 'received'; job: Stylization }
  | { kind: 'rejected'; error: unknown }
  | { kind: 'unreachable' }
  | { kind: 'cleared' };

export const IDLE: JobState = { kind: 'idle', offline: false };

export function nextState(state: JobState, event: JobEvent): JobState {
  switch (event.kind) {
    case 'started':
      return { kind: 'uploading', share: 0, offline: false };
    case 'progressed': // a repeated upload starts again from 0, but the progress bar must not go back
      return state.kind === 'uploading' ? { ...state, share: Math.max(state.share, Math.min(1, event.share)) } : state;
    case 'received':
      return stateOf(event.job);
    case 'rejected':
      return failure(state, event.error);
    case 'unreachable':
      return isOpen(state) ? { ...state, offline: true } : state;
    case 'cleared':
      return IDLE;
  }
}

/** Whether the job is uploading, queued or running. */
export function isOpen(state: JobState): boolean {
  return state.kind === 'uploading' || isUnfinished({ status: state.kind });
}

/** Whether an upload failed because the service was unreachable. It is repeated when the network returns. */
export function isCutOff(state: JobState): boolean {
  return state.kind === 'failed' && state.job === null && UNREACHABLE_CODES.includes(state.code);
}

export function jobOf(state: JobState): Stylization | null {
  return 'job' in state ? state.job : null;
}

function stateOf(job: Stylization): JobState {
  const { status, error } = job;
  if (status !== 'failed') return { kind: status, job, offline: false };
  return {
    kind: 'failed',
    code: error?.code ?? 'server_error',
    message: error?.message ?? messageOf(new AppError('server_error')),
    retryable: error?.retryable ?? false,
    retryAfterS: null,
    job,
    offline: false,
  };
}

function failure(state: JobState, error: unknown): JobState {
  const code = codeOf(error);
  if (code === 'aborted') return { kind: 'cancelled', job: null, offline: false };
  const { retryable, retryAfterS } = error instanceof AppError ? error : { retryable: true, retryAfterS: null };
  return { kind: 'failed', code, message: messageOf(error), retryable, retryAfterS, job: jobOf(state), offline: false };
}
