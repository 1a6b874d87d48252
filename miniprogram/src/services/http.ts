/**
 * The only file that touches the network.
 *
 * WeChat calls any answer a success and gives an upload's body as a string, so statuses and bodies are read here, and
 * everything that goes wrong leaves as an `AppError`.
 */
import { apiBase, MOST_REQUESTS, MOST_UPLOADS, REQUEST_TIMEOUT_MS, UPLOAD_TIMEOUT_MS } from '../config';
import { language } from '../i18n/index';
import { stored } from '../store/stored';
import { AppError, errorOf, failureOf, NO_ANSWER } from './errors';
import { Gate } from './gate';
import { Session, type Token } from './session';

export interface Upload<T> {
  done: Promise<T>;
  abort(): void;
}

type Query = Record<string, string | number | boolean | null | undefined>;
type Body = Record<string, unknown>;
type Method = 'GET' | 'POST' | 'DELETE'; // wx.request has no PATCH
type Header = Record<string, string>;
type Abort = { abort(): void };

/** How an attempt is made: its header is given, its task handed out so that it can be aborted. */
type Attempt<T> = (header: Header, call: Call) => Promise<T>;

/** One call of a service, over all its attempts. */
interface Call {
  isAborted: boolean;
  started(task: Abort): void;
}

const READ_AGAIN_MS = [400, 1200];
const SEND_AGAIN_MS = [2000, 6000];

const requests = new Gate(MOST_REQUESTS - MOST_UPLOADS);
const uploads = new Gate(MOST_UPLOADS);

export const session = new Session(stored<Token | null>('token', null), login);

// What services call

export function get<T>(path: string, query: Query = {}): Promise<T> {
  return read((header, call) => plain<T>('GET', withQuery(path, query), undefined, header, call), true);
}

/** Without a login. */
export function getPublic<T>(path: string): Promise<T> {
  return read((header, call) => plain<T>('GET', path, undefined, header, call), false);
}

export function post<T>(path: string, body: Body = {}): Promise<T> {
  return authorized((header, call) => plain<T>('POST', path, body, header, call));
}

export function remove<T = void>(path: string): Promise<T> {
  return authorized((header, call) => plain<T>('DELETE', path, undefined, header, call));
}

/** A POST that may be sent again without doing its work twice, by its key. */
export function order<T>(path: string, body: Body, key: string): Upload<T> {
  return persistent((header, call) =>
    plain<T>('POST', path, { ...body, client_key: key }, { ...header, 'Idempotency-Key': key }, call),
  );
}

/** One file with its fields; sent again with the same key when no answer came. `onProgress` hears shares from 0 to 1. */
export function upload<T>(
  path: string,
  filePath: string,
  fields: Record<string, string>,
  key: string,
  onProgress: (share: number) => void = () => {},
): Upload<T> {
  const formData = { ...fields, client_key: key };
  return persistent((header, call) =>
    uploads.through(() => send<T>(path, filePath, formData, { ...header, 'Idempotency-Key': key }, call, onProgress)),
  );
}

/** A picture to a temporary file, whose path is given. An address of ours needs the login, a signed one nothing. */
export function download(address: string): Promise<string> {
  if (!address.startsWith('/')) return read((_, call) => requests.through(() => fetch(address, {}, call)), false);
  return read(async (header, call) => {
    try {
      return await requests.through(() => fetch(apiBase() + address, header, call));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // why, the service said in a file; a plain request gets it told in words
      return plain<string>('GET', address, undefined, header, call);
    }
  }, true);
}

// Trying again

function read<T>(attempt: Attempt<T>, isAuthorized: boolean): Promise<T> {
  const once = () => (isAuthorized ? authorized(attempt) : attempt(languageHeader(), unaborted()));
  return again(once, READ_AGAIN_MS);
}

/** Sent again while no answer comes; an abort ends it at once, also between two attempts and in the queue. */
function persistent<T>(attempt: Attempt<T>): Upload<T> {
  let task: Abort | null = null;
  let giveUp: (error: AppError) => void = () => {};
  const call: Call = {
    isAborted: false,
    started(begun) {
      task = begun;
    },
  };
  const aborted = new Promise<never>((_, reject) => (giveUp = reject));
  return {
    done: Promise.race([again(() => authorized(attempt, call), SEND_AGAIN_MS), aborted]),
    abort() {
      call.isAborted = true;
      task?.abort();
      giveUp(new AppError('aborted'));
    },
  };
}

function unaborted(): Call {
  return { isAborted: false, started: () => {} };
}

async function again<T>(once: () => Promise<T>, pauses: readonly number[]): Promise<T> {
  for (const pause of pauses) {
    try {
      return await once();
    } catch (error) {
      if (!mayComeBetter(error)) throw error;
      await sleep(pause * (1 + Math.random() / 5));
    }
  }
  return once();
}

/** No answer, or one that nobody meant. What the service says by name is for people to decide. */
function mayComeBetter(error: unknown): boolean {
  return error instanceof AppError && (NO_ANSWER.includes(error.code) || (error.code === 'server_error' && error.status >= 500));
}

/** An answer that another attempt would not change. An ended login is none. */
function isRefusal(error: unknown): boolean {
  return error instanceof AppError && error.status >= 400 && error.status < 500 && error.status !== 401;
}

/** With the login; when that has ended, once more with a new one. */
async function authorized<T>(attempt: Attempt<T>, call = unaborted()): Promise<T> {
  const token = await session.token();
  try {
    return await attempt(withToken(token), call);
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 401) throw error;
    session.refused(token);
    return attempt(withToken(await session.token()), call);
  }
}

async function login(): Promise<Token> {
  const { code } = await wx.login().catch(() => {
    throw new AppError('offline');
  });
  return plain<Token>('POST', '/v1/auth/wechat', { code }, languageHeader(), unaborted());
}

// One attempt

function plain<T>(method: Method, path: string, body: Body | undefined, header: Header, call: Call): Promise<T> {
  return requests.through(
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
          fail: ({ errMsg }) => reject(failureOf(errMsg)),
        });
        call.started(task);
      }),
  );
}

function send<T>(
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
      success: ({ statusCode, data }) => settle(statusCode, parsed(data), resolve as (value: unknown) => void, reject),
      fail: ({ errMsg }) => reject(failureOf(errMsg)),
    });
    task.onProgressUpdate(({ progress }) => onProgress(progress / 100));
    call.started(task);
  });
}

function fetch(url: string, header: Header, call: Call): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const task = wx.downloadFile({
      url,
      header,
      timeout: UPLOAD_TIMEOUT_MS,
      success: ({ statusCode, tempFilePath }) =>
        statusCode === 200 ? resolve(tempFilePath) : reject(refusalOf(statusCode)),
      fail: ({ errMsg }) => reject(failureOf(errMsg)),
    });
    call.started(task);
  });
}

/** A download's body lies in a file that is not worth reading. */
function refusalOf(status: number): AppError {
  const code = { 401: 'unauthenticated', 404: 'not_found', 410: 'expired' }[status];
  return code ? new AppError(code, { status }) : errorOf(status, null);
}

/** A body that is not JSON where JSON was promised is not from our service. */
function settle(status: number, data: unknown, resolve: (value: unknown) => void, reject: (error: AppError) => void): void {
  if (status === 204) resolve(undefined);
  else if (status >= 200 && status < 300 && typeof data === 'object' && data !== null) resolve(data);
  else reject(status >= 400 ? errorOf(status, data) : new AppError('server_error', { status: 502, retryable: true }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function withToken({ token }: Token): Header {
  return { ...languageHeader(), Authorization: `Bearer ${token}` };
}

function languageHeader(): Header {
  return { 'Accept-Language': language() };
}

function withQuery(path: string, query: Query): string {
  const asked = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return asked.length ? `${path}?${asked.join('&')}` : path;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, milliseconds));
}
