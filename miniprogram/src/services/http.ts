/**
 * The only module that uses the network.
 *
 * WeChat reports any response as a success and returns the body of an upload as a string. This module reads statuses and
 * bodies, and turns every failure into an `AppError`.
 */
import { apiBase, MAX_CONCURRENT_REQUESTS, MAX_CONCURRENT_UPLOADS, REQUEST_TIMEOUT_MS, UPLOAD_TIMEOUT_MS } from '../config';
import { currentLanguage } from '../i18n/index';
import { storedValue } from '../store/stored-value';
import { ConcurrencyLimit } from './concurrency-limit';
import { AppError, errorFromFailure, errorFromResponse, UNREACHABLE_CODES } from './errors';
import { Session, type Token } from './session';

/** A request that can be aborted. */
export interface Upload<T> {
  done: Promise<T>;
  abort(): void;
}

type Query = Record<string, string | number | boolean | null | undefined>;
type Body = Record<string, unknown>;
type Method = 'GET' | 'POST' | 'DELETE'; // wx.request has no PATCH
type Header = Record<string, string>;
type Abortable = { abort(): void };

/** Sends a request once. It passes its task to `call`, so that the task can be aborted. */
type Attempt<T> = (header: Header, call: Call) => Promise<T>;

/** A call of a service, which may take several attempts. */
interface Call {
  isAborted: boolean;
  onStarted(task: Abortable): void;
}

const READ_RETRY_DELAYS_MS = [400, 1200];
const SEND_RETRY_DELAYS_MS = [2000, 6000];
/** Up to this share is added to each delay, so that many devices do not retry at the same moment. */
const RETRY_JITTER = 0.2;

const requestLimit = new ConcurrencyLimit(MAX_CONCURRENT_REQUESTS - MAX_CONCURRENT_UPLOADS);
const uploadLimit = new ConcurrencyLimit(MAX_CONCURRENT_UPLOADS);

export const session = new Session(storedValue<Token | null>('token', null), login);

// The interface for the services

export function get<T>(path: string, query: Query = {}): Promise<T> {
  return read((header, call) => sendRequest<T>('GET', withQuery(path, query), undefined, header, call), true);
}

/** A GET without a login. */
export function getPublic<T>(path: string): Promise<T> {
  return read((header, call) => sendRequest<T>('GET', path, undefined, header, call), false);
}

export function post<T>(path: string, body: Body = {}): Promise<T> {
  return authorized((header, call) => sendRequest<T>('POST', path, body, header, call));
}

export function remove<T = void>(path: string): Promise<T> {
  return authorized((header, call) => sendRequest<T>('DELETE', path, undefined, header, call));
}

/** A POST with an idempotency key: it is retried, and the service executes it once. */
export function postIdempotent<T>(path: string, body: Body, key: string): Upload<T> {
  return retried((header, call) =>
    sendRequest<T>('POST', path, { ...body, client_key: key }, { ...header, 'Idempotency-Key': key }, call),
  );
}

/** Uploads one file with form fields. It is retried with the same key if no response arrives. `onProgress` receives shares from 0 to 1. */
export function upload<T>(
  path: string,
  filePath: string,
  fields: Record<string, string>,
  key: string,
  onProgress: (share: number) => void = () => {},
): Upload<T> {
  const formData = { ...fields, client_key: key };
  return retried((header, call) =>
    uploadLimit.run(() => sendFile<T>(path, filePath, formData, { ...header, 'Idempotency-Key': key }, call, onProgress)),
  );
}

/** Downloads a picture to a temporary file and returns its path. A path of the service needs the login; a signed URL does not. */
export function download(address: string): Promise<string> {
  if (!address.startsWith('/')) return read((_, call) => requestLimit.run(() => fetchFile(address, {}, call)), false);
  return read(async (header, call) => {
    try {
      return await requestLimit.run(() => fetchFile(apiBase() + address, header, call));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // The reason is in the body, which a download writes to a file. A plain request returns it as an error.
      return sendRequest<string>('GET', address, undefined, header, call);
    }
  }, true);
}

// Retries and the login

function read<T>(attempt: Attempt<T>, isAuthorized: boolean): Promise<T> {
  const once = () => (isAuthorized ? authorized(attempt) : attempt(languageHeader(), newCall()));
  return withRetries(once, READ_RETRY_DELAYS_MS);
}

/** Retries while no response arrives. An abort takes effect at once, also between two attempts and in the queue. */
function retried<T>(attempt: Attempt<T>): Upload<T> {
  let task: Abortable | null = null;
  let reject: (error: AppError) => void = () => {};
  const call: Call = {
    isAborted: false,
    onStarted(started) {
      task = started;
    },
  };
  const aborted = new Promise<never>((_, rejectAborted) => (reject = rejectAborted));
  return {
    done: Promise.race([withRetries(() => authorized(attempt, call), SEND_RETRY_DELAYS_MS), aborted]),
    abort() {
      call.isAborted = true;
      task?.abort();
      reject(new AppError('aborted'));
    },
  };
}

/** A call that is never aborted. */
function newCall(): Call {
  return { isAborted: false, onStarted: () => {} };
}

async function withRetries<T>(once: () => Promise<T>, delaysMs: readonly number[]): Promise<T> {
  for (const delayMs of delaysMs) {
    try {
      return await once();
    } catch (error) {
      if (!isTransient(error)) throw error;
      await sleep(delayMs * (1 + RETRY_JITTER * Math.random()));
    }
  }
  return once();
}

/** No response, or a 5xx without an error of the service. An error that the service names is not retried: the page decides. */
function isTransient(error: unknown): boolean {
  return error instanceof AppError && (UNREACHABLE_CODES.includes(error.code) || (error.code === 'server_error' && error.status >= 500));
}

/** A 4xx that another attempt would not change. A 401 is excluded: a new login may help. */
function isRefusal(error: unknown): boolean {
  return error instanceof AppError && error.status >= 400 && error.status < 500 && error.status !== 401;
}

/** Sends the request with the login. After a 401 it logs in again and repeats the request once. */
async function authorized<T>(attempt: Attempt<T>, call = newCall()): Promise<T> {
  const token = await session.token();
  try {
    return await attempt(authorizedHeader(token), call);
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 401) throw error;
    session.invalidate(token);
    return attempt(authorizedHeader(await session.token()), call);
  }
}

async function login(): Promise<Token> {
  const { code } = await wx.login().catch(() => {
    throw new AppError('offline');
  });
  return sendRequest<Token>('POST', '/v1/auth/wechat', { code }, languageHeader(), newCall());
}

// One attempt

function sendRequest<T>(method: Method, path: string, body: Body | undefined, header: Header, call: Call): Promise<T> {
  return requestLimit.run(
    () =>
      new Promise<T>((resolve, reject) => {
        if (call.isAborted) return reject(new AppError('aborted'));
        const task = wx.request({
          url: apiBase() + path,
          method,
          header: body ? { ...header, 'Content-Type': 'application/json' } : header,
          ...(body ? { data: body } : {}),
          timeout: REQUEST_TIMEOUT_MS,
          success: ({ statusCode, data }) => settle(statusCode, data, resolve as (value: unknown) => void, reject),
          fail: ({ errMsg }) => reject(errorFromFailure(errMsg)),
        });
        call.onStarted(task);
      }),
  );
}

function sendFile<T>(
  path: string,
  filePath: string,
  formData: Record<string, string>,
  header: Header,
  call: Call,
  onProgress: (share: number) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (call.isAborted) return reject(new AppError('aborted'));
    const task = wx.uploadFile({
      url: apiBase() + path,
      filePath,
      name: 'file',
      formData,
      header,
      timeout: UPLOAD_TIMEOUT_MS,
      success: ({ statusCode, data }) => settle(statusCode, parseJson(data), resolve as (value: unknown) => void, reject),
      fail: ({ errMsg }) => reject(errorFromFailure(errMsg)),
    });
    task.onProgressUpdate(({ progress }) => onProgress(progress / 100));
    call.onStarted(task);
  });
}

function fetchFile(url: string, header: Header, call: Call): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const task = wx.downloadFile({
      url,
      header,
      timeout: UPLOAD_TIMEOUT_MS,
      success: ({ statusCode, tempFilePath }) =>
        statusCode === 200 ? resolve(tempFilePath) : reject(downloadError(statusCode)),
      fail: ({ errMsg }) => reject(errorFromFailure(errMsg)),
    });
    call.onStarted(task);
  });
}

/** Derives the error from the status alone, because the body of a download is in a file. */
function downloadError(status: number): AppError {
  const code = { 401: 'unauthenticated', 404: 'not_found', 410: 'expired' }[status];
  return code ? new AppError(code, { status }) : errorFromResponse(status, null);
}

/** A success without a JSON object is an error: it comes from a proxy, such as the login page of a hotel network. */
function settle(status: number, data: unknown, resolve: (value: unknown) => void, reject: (error: AppError) => void): void {
  if (status === 204) resolve(undefined);
  else if (status >= 200 && status < 300 && typeof data === 'object' && data !== null) resolve(data);
  else reject(status >= 400 ? errorFromResponse(status, data) : new AppError('server_error', { status: 502, retryable: true }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function authorizedHeader({ token }: Token): Header {
  return { ...languageHeader(), Authorization: `Bearer ${token}` };
}

function languageHeader(): Header {
  return { 'Accept-Language': currentLanguage() };
}

/** Adds the fields that have a value. */
function withQuery(path: string, query: Query): string {
  const fields = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return fields.length ? `${path}?${fields.join('&')}` : path;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
