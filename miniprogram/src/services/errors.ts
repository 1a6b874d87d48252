/** The one kind of error that pages meet: a code to decide by and words to show. */
import { filled, t, wordsOfArea } from '../i18n/index';

/** No answer came, so the same request may well succeed later. */
export const NO_ANSWER: readonly string[] = ['offline', 'timeout', 'interrupted'];

/** It is not there any more, or was never this user's: asking again changes nothing. */
export const GONE: readonly string[] = ['not_found', 'expired', 'forbidden'];

interface Details {
  status?: number;
  message?: string;
  retryable?: boolean;
  retryAfterS?: number | null;
  field?: string | null;
  requestId?: string | null;
  /** For the placeholders of our own words. */
  params?: Record<string, string | number>;
}

export class AppError extends Error {
  /** Of the HTTP answer; 0 when there was none. */
  readonly status: number;
  readonly retryable: boolean;
  readonly retryAfterS: number | null;
  readonly field: string | null;
  readonly requestId: string | null;

  constructor(
    readonly code: string,
    { status = 0, message, retryable = NO_ANSWER.includes(code), retryAfterS = null, field = null, requestId = null, params = {} }: Details = {},
  ) {
    super(message ?? ownWords(code, params));
    this.name = 'AppError';
    this.status = status;
    this.retryable = retryable;
    this.retryAfterS = retryAfterS;
    this.field = field;
    this.requestId = requestId;
  }
}

/** What to show of anything that was thrown; nothing for what was called off on purpose. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof AppError)) return t('errors.server_error');
  return error.code === 'aborted' ? '' : error.message;
}

export function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : 'server_error';
}

/** Of an answer with a status from 400 on; what is no envelope of ours comes from something in between. */
export function errorOf(status: number, body: unknown): AppError {
  const said = envelopeOf(body);
  if (said) {
    return new AppError(said.code, {
      status,
      message: said.message,
      retryable: said.retryable,
      retryAfterS: said.retry_after_s ?? null,
      field: said.field ?? null,
      requestId: said.request_id,
    });
  }
  if (status === 413) return new AppError('file_too_large', { status, message: t('errors.too_large') });
  if (status === 426) return new AppError('outdated', { status });
  return new AppError('server_error', { status, retryable: status >= 500 });
}

/** Of the `errMsg` with which WeChat says that no answer came. */
export function failureOf(errMsg: string): AppError {
  if (/:fail abort/.test(errMsg)) return new AppError('aborted');
  if (/time.?out/i.test(errMsg)) return new AppError('timeout');
  if (/interrupted/.test(errMsg)) return new AppError('interrupted');
  return new AppError('offline');
}

interface Envelope {
  code: string;
  message: string;
  retryable: boolean;
  request_id: string;
  field?: string | null;
  retry_after_s?: number | null;
}

function envelopeOf(body: unknown): Envelope | null {
  const said = (body as { error?: Partial<Envelope> } | null)?.error;
  return typeof said?.code === 'string' && typeof said.message === 'string' ? (said as Envelope) : null;
}

function ownWords(code: string, params: Record<string, string | number>): string {
  const words = wordsOfArea('errors');
  return filled(words[code] ?? words['server_error'] ?? code, params);
}
