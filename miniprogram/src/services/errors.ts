/** The error type of all services: a code for decisions and a message for the user. */
import { interpolate, t, type TextParams, textsOf } from '../i18n/index';

/** No response arrived; the same request may succeed later. */
export const UNREACHABLE_CODES: readonly string[] = ['offline', 'timeout', 'interrupted'];

/** The object was deleted or is not accessible to this user; a repeated request fails again. */
export const INACCESSIBLE_CODES: readonly string[] = ['not_found', 'expired', 'forbidden'];

interface Details {
  status?: number;
  message?: string;
  retryable?: boolean;
  retryAfterS?: number | null;
  field?: string | null;
  requestId?: string | null;
  /** For the placeholders of the message in `i18n/…/errors`. */
  params?: TextParams;
}

export class AppError extends Error {
  /** The HTTP status; 0 if there was no response. */
  readonly status: number;
  readonly retryable: boolean;
  readonly retryAfterS: number | null;
  readonly field: string | null;
  readonly requestId: string | null;

  constructor(
    readonly code: string,
    { status = 0, message, retryable = UNREACHABLE_CODES.includes(code), retryAfterS = null, field = null, requestId = null, params = {} }: Details = {},
  ) {
    super(message ?? messageFor(code, params));
    this.name = 'AppError';
    this.status = status;
    this.retryable = retryable;
    this.retryAfterS = retryAfterS;
    this.field = field;
    this.requestId = requestId;
  }
}

/** The message to show for anything that was thrown; '' if the user cancelled the action. */
export function messageOf(error: unknown): string {
  if (!(error instanceof AppError)) return t('errors.server_error');
  return error.code === 'aborted' ? '' : error.message;
}

export function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : 'server_error';
}

/** The error of a response with a status from 400 on. A body without our error format comes from a proxy. */
export function errorFromResponse(status: number, body: unknown): AppError {
  const reported = reportedError(body);
  if (reported) {
    return new AppError(reported.code, {
      status,
      message: reported.message,
      retryable: reported.retryable,
      retryAfterS: reported.retry_after_s ?? null,
      field: reported.field ?? null,
      requestId: reported.request_id,
    });
  }
  if (status === 413) return new AppError('file_too_large', { status, message: t('errors.too_large') });
  if (status === 426) return new AppError('outdated', { status });
  return new AppError('server_error', { status, retryable: status >= 500 });
}

/** The error for the `errMsg` with which WeChat reports that no response arrived. */
export function errorFromFailure(errMsg: string): AppError {
  if (/:fail abort/.test(errMsg)) return new AppError('aborted');
  if (/time.?out/i.test(errMsg)) return new AppError('timeout');
  if (/interrupted/.test(errMsg)) return new AppError('interrupted');
  return new AppError('offline');
}

interface ReportedError {
  code: string;
  message: string;
  retryable: boolean;
  request_id: string;
  field?: string | null;
  retry_after_s?: number | null;
}

function reportedError(body: unknown): ReportedError | null {
  const error = (body as { error?: Partial<ReportedError> } | null)?.error;
  return typeof error?.code === 'string' && typeof error.message === 'string' ? (error as ReportedError) : null;
}

function messageFor(code: string, params: TextParams): string {
  const messages = textsOf('errors');
  return interpolate(messages[code] ?? messages['server_error'] ?? code, params);
}
