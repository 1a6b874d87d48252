/** `request`, `uploadFile` and `downloadFile`: real requests through `XMLHttpRequest`, with the limits of WeChat. */

import { hideListeners, showListeners } from '../state/app-visibility';
import { usageError } from '../state/error-log';
import { addTemporaryFile, fileExtension, temporaryFile } from '../state/temporary-files';
import { failResult, type Callbacks } from './api';

const MAX_CONCURRENT_REQUESTS = 10;
const DEFAULT_TIMEOUT_MS = 60_000;
const BACKGROUND_TIMEOUT_MS = 5000;
// WeChat does not support PATCH.
const METHODS = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT'];

type ApiName = 'request' | 'uploadFile' | 'downloadFile';

interface TransferOptions extends Callbacks {
  url: string;
  header?: Record<string, string>;
  timeout?: number;
}
interface RequestOptions extends TransferOptions {
  method?: string;
  data?: unknown;
  dataType?: string;
  responseType?: 'text' | 'arraybuffer';
}
interface UploadOptions extends TransferOptions {
  filePath: string;
  name: string;
  formData?: Record<string, unknown>;
}

type Listener = (value: never) => void;

const pendingTransfers = new Set<Transfer>();

class Transfer {
  readonly #xhr = new XMLHttpRequest();
  readonly #listeners = { progress: new Set<Listener>(), headers: new Set<Listener>() };
  #hasEnded = false;

  constructor(
    readonly apiName: ApiName,
    readonly options: TransferOptions,
    method: string,
  ) {
    checkOptions(apiName, options);
    if (pendingTransfers.size >= MAX_CONCURRENT_REQUESTS) throw usageError(`${apiName}: more than ${MAX_CONCURRENT_REQUESTS} concurrent requests`);
    pendingTransfers.add(this);
    this.#xhr.open(method, options.url);
    this.#xhr.timeout = options.timeout ?? miniProgram.app.networkTimeout?.[apiName] ?? DEFAULT_TIMEOUT_MS;
    for (const [key, value] of Object.entries(options.header ?? {})) this.#xhr.setRequestHeader(key, value);
  }

  /** `result` returns the fields of the success result that depend on the API. */
  send(body: XMLHttpRequestBodyInit | null, responseType: XMLHttpRequestResponseType, result: (xhr: XMLHttpRequest) => object): this {
    const xhr = this.#xhr;
    xhr.responseType = responseType;
    xhr.onload = () =>
      this.#end(true, { statusCode: xhr.status, header: responseHeaders(xhr), cookies: [], ...result(xhr), errMsg: `${this.apiName}:ok` });
    xhr.onerror = () => this.fail('net::ERR_FAILED');
    xhr.ontimeout = () => this.fail('timeout');
    xhr.onabort = () => this.fail('abort');
    xhr.onreadystatechange = () => xhr.readyState === XMLHttpRequest.HEADERS_RECEIVED && this.#notify('headers', { header: responseHeaders(xhr) });
    const progressSource = this.apiName === 'uploadFile' ? xhr.upload : xhr;
    progressSource.onprogress = ({ loaded, total }) => this.#notify('progress', progressEvent(this.apiName, loaded, total));
    // The caller gets its task first, so that it can still add listeners or abort.
    queueMicrotask(() => !this.#hasEnded && xhr.send(body));
    return this;
  }

  fail(reason: string): void {
    if (this.#hasEnded) return;
    this.#end(false, failResult(this.apiName, reason));
    this.#xhr.abort();
  }

  /** The task object that the API returns to the mini program. */
  get task() {
    const { progress, headers } = this.#listeners;
    return {
      abort: () => this.fail('abort'),
      onProgressUpdate: (listener: Listener) => void progress.add(listener),
      offProgressUpdate: (listener?: Listener) => (listener ? void progress.delete(listener) : progress.clear()),
      onHeadersReceived: (listener: Listener) => void headers.add(listener),
      offHeadersReceived: (listener?: Listener) => (listener ? void headers.delete(listener) : headers.clear()),
    };
  }

  #end(isSuccess: boolean, result: object): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    pendingTransfers.delete(this);
    // WeChat never runs a callback before the call itself has returned.
    setTimeout(() => {
      if (isSuccess) this.options.success?.(result);
      else this.options.fail?.(result as never);
      this.options.complete?.(result);
    });
  }

  #notify(event: 'progress' | 'headers', value: object): void {
    for (const listener of this.#listeners[event]) listener(value as never);
  }
}

function checkOptions(apiName: ApiName, { url, header }: TransferOptions): void {
  if (!url.startsWith(`${location.origin}/`)) throw usageError(`${apiName}:fail url not in domain list: ${url}`);
  if (Object.keys(header ?? {}).some((key) => key.toLowerCase() === 'referer')) {
    throw usageError(`${apiName}: the header Referer cannot be set`);
  }
}

function responseHeaders(xhr: XMLHttpRequest): Record<string, string> {
  const lines = xhr.getAllResponseHeaders().trim().split(/\r?\n/).filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}

function progressEvent(apiName: ApiName, loaded: number, total: number): object {
  const progress = total > 0 ? Math.round((loaded / total) * 100) : 0;
  return apiName === 'uploadFile'
    ? { progress, totalBytesSent: loaded, totalBytesExpectedToSend: total }
    : { progress, totalBytesWritten: loaded, totalBytesExpectedToWrite: total };
}

function request(options: RequestOptions) {
  const method = (options.method ?? 'GET').toUpperCase();
  if (!METHODS.includes(method)) throw usageError(`request: WeChat does not support the method ${method}`);
  const header = { ...options.header };
  const givenType = Object.entries(header).find(([key]) => key.toLowerCase() === 'content-type')?.[1];
  const contentType = givenType ?? 'application/json';
  let { url } = options;
  let body: XMLHttpRequestBodyInit | null = null;
  if (method === 'GET') {
    const fields = Object.entries((options.data ?? {}) as Record<string, unknown>).filter(([, value]) => value !== undefined);
    const query = new URLSearchParams(fields.map(([key, value]) => [key, String(value)]));
    if (query.size > 0) url += `${url.includes('?') ? '&' : '?'}${query}`;
  } else if (options.data !== undefined) {
    body = encodeBody(options.data, contentType);
    if (givenType === undefined) header['content-type'] = contentType;
  }
  const isBinary = options.responseType === 'arraybuffer';
  const isJson = !options.dataType || options.dataType === 'json';
  const transfer = new Transfer('request', { ...options, url, header }, method);
  return transfer.send(body, isBinary ? 'arraybuffer' : 'text', (xhr) => ({
    data: isBinary ? xhr.response : isJson ? parseJson(xhr.responseText) : xhr.responseText,
  })).task;
}

function encodeBody(data: unknown, contentType: string): XMLHttpRequestBodyInit {
  if (typeof data === 'string' || data instanceof ArrayBuffer) return data;
  if (contentType.includes('x-www-form-urlencoded')) return new URLSearchParams(data as Record<string, string>);
  return JSON.stringify(data);
}

/** Returns the text itself if it is not JSON, for example the error page of a proxy. WeChat does the same. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function uploadFile(options: UploadOptions) {
  const transfer = new Transfer('uploadFile', options, 'POST');
  const form = new FormData();
  for (const [key, value] of Object.entries(options.formData ?? {})) {
    if (typeof value !== 'string') {
      transfer.fail('formData');
      throw usageError(`uploadFile: formData.${key} is a ${typeof value}, not a string`);
    }
    form.append(key, value);
  }
  const file = temporaryFile(options.filePath);
  if (!file) {
    transfer.fail(`file not found: ${options.filePath}`);
    return transfer.task;
  }
  form.append(options.name, file, `picture.${fileExtension(file)}`);
  return transfer.send(form, 'text', (xhr) => ({ data: xhr.responseText })).task;
}

function downloadFile(options: TransferOptions) {
  const transfer = new Transfer('downloadFile', options, 'GET');
  return transfer.send(null, 'blob', (xhr) => ({ tempFilePath: addTemporaryFile(xhr.response as Blob) })).task;
}

/** Fails pending requests with `interrupted` after the app has been in the background for 5 s, as WeChat does. */
export function interruptInBackground(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  hideListeners.add(() => {
    timer = setTimeout(() => pendingTransfers.forEach((transfer) => transfer.fail('interrupted')), BACKGROUND_TIMEOUT_MS);
  });
  showListeners.add(() => clearTimeout(timer));
}

export const network = { request, uploadFile, downloadFile };
