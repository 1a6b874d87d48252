/** request, uploadFile, downloadFile: real requests by XMLHttpRequest, with the limits of WeChat. */

import { hideListeners, showListeners } from '../runtime/life';
import { mistake } from '../runtime/errors';
import { failure, type Callbacks } from './convention';
import { endingOf, fileAt, keep } from './files';

const AT_ONCE = 10;
const DEFAULT_TIMEOUT_MS = 60_000;
const IN_BACKGROUND_MS = 5000;
// PATCH is not among them.
const METHODS = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT'];

type Name = 'request' | 'uploadFile' | 'downloadFile';

interface Call extends Callbacks {
  url: string;
  header?: Record<string, string>;
  timeout?: number;
}
interface RequestCall extends Call {
  method?: string;
  data?: unknown;
  dataType?: string;
  responseType?: 'text' | 'arraybuffer';
}
interface UploadCall extends Call {
  filePath: string;
  name: string;
  formData?: Record<string, unknown>;
}

type Listener = (value: never) => void;

const underWay = new Set<Transfer>();

/** One request on its way. */
class Transfer {
  readonly #xhr = new XMLHttpRequest();
  readonly #listeners = { progress: new Set<Listener>(), headers: new Set<Listener>() };
  #ended = false;

  constructor(
    readonly name: Name,
    readonly call: Call,
    method: string,
  ) {
    checkCall(name, call);
    if (underWay.size >= AT_ONCE) throw mistake(`${name}: more than ${AT_ONCE} requests at once`);
    underWay.add(this);
    this.#xhr.open(method, call.url);
    this.#xhr.timeout = call.timeout ?? miniProgram.app.networkTimeout?.[name] ?? DEFAULT_TIMEOUT_MS;
    for (const [key, value] of Object.entries(call.header ?? {})) this.#xhr.setRequestHeader(key, value);
  }

  send(body: XMLHttpRequestBodyInit | null, responseType: XMLHttpRequestResponseType, result: (xhr: XMLHttpRequest) => object): this {
    const xhr = this.#xhr;
    xhr.responseType = responseType;
    xhr.onload = () => this.#end(true, { statusCode: xhr.status, header: headersOf(xhr), cookies: [], ...result(xhr), errMsg: `${this.name}:ok` });
    xhr.onerror = () => this.fail('net::ERR_FAILED');
    xhr.ontimeout = () => this.fail('timeout');
    xhr.onabort = () => this.fail('abort');
    xhr.onreadystatechange = () => xhr.readyState === XMLHttpRequest.HEADERS_RECEIVED && this.#tell('headers', { header: headersOf(xhr) });
    const watched = this.name === 'uploadFile' ? xhr.upload : xhr;
    watched.onprogress = ({ loaded, total }) => this.#tell('progress', progressOf(this.name, loaded, total));
    // The caller first gets its task, and may still listen to it.
    queueMicrotask(() => !this.#ended && xhr.send(body));
    return this;
  }

  fail(reason: string): void {
    if (this.#ended) return;
    this.#end(false, failure(this.name, reason));
    this.#xhr.abort();
  }

  /** What the mini program gets in its hand. */
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

  #end(ok: boolean, result: object): void {
    if (this.#ended) return;
    this.#ended = true;
    underWay.delete(this);
    // WeChat never calls back before the call itself has returned.
    setTimeout(() => {
      if (ok) this.call.success?.(result);
      else this.call.fail?.(result as never);
      this.call.complete?.(result);
    });
  }

  #tell(what: 'progress' | 'headers', value: object): void {
    for (const listener of this.#listeners[what]) listener(value as never);
  }
}

function checkCall(name: Name, { url, header }: Call): void {
  if (!url.startsWith(`${location.origin}/`)) throw mistake(`${name}:fail url not in domain list: ${url}`);
  if (Object.keys(header ?? {}).some((key) => key.toLowerCase() === 'referer')) {
    throw mistake(`${name}: the header Referer cannot be set`);
  }
}

function headersOf(xhr: XMLHttpRequest): Record<string, string> {
  const lines = xhr.getAllResponseHeaders().trim().split(/\r?\n/).filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}

function progressOf(name: Name, loaded: number, total: number): object {
  const progress = total > 0 ? Math.round((loaded / total) * 100) : 0;
  return name === 'uploadFile'
    ? { progress, totalBytesSent: loaded, totalBytesExpectedToSend: total }
    : { progress, totalBytesWritten: loaded, totalBytesExpectedToWrite: total };
}

function request(call: RequestCall) {
  const method = (call.method ?? 'GET').toUpperCase();
  if (!METHODS.includes(method)) throw mistake(`request: the method ${method} is not one of WeChat's`);
  const header = { ...call.header };
  const type = Object.entries(header).find(([key]) => key.toLowerCase() === 'content-type')?.[1] ?? 'application/json';
  let { url } = call;
  let body: XMLHttpRequestBodyInit | null = null;
  if (method === 'GET') {
    const given = Object.entries((call.data ?? {}) as Record<string, unknown>).filter(([, value]) => value !== undefined);
    const query = new URLSearchParams(given.map(([key, value]) => [key, String(value)]));
    if (query.size > 0) url += `${url.includes('?') ? '&' : '?'}${query}`;
  } else if (call.data !== undefined) {
    body = bodyOf(call.data, type);
    if (!Object.keys(header).some((key) => key.toLowerCase() === 'content-type')) header['content-type'] = type;
  }
  const binary = call.responseType === 'arraybuffer';
  const transfer = new Transfer('request', { ...call, url, header }, method);
  return transfer.send(body, binary ? 'arraybuffer' : 'text', (xhr) => ({
    data: binary ? xhr.response : call.dataType && call.dataType !== 'json' ? xhr.responseText : parsed(xhr.responseText),
  })).task;
}

function bodyOf(data: unknown, type: string): XMLHttpRequestBodyInit {
  if (typeof data === 'string' || data instanceof ArrayBuffer) return data;
  if (type.includes('x-www-form-urlencoded')) return new URLSearchParams(data as Record<string, string>);
  return JSON.stringify(data);
}

/** WeChat hands over the bare text where the answer is no JSON, such as a proxy's error page. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function uploadFile(call: UploadCall) {
  const transfer = new Transfer('uploadFile', call, 'POST');
  const form = new FormData();
  for (const [key, value] of Object.entries(call.formData ?? {})) {
    if (typeof value !== 'string') {
      transfer.fail('formData');
      throw mistake(`uploadFile: formData.${key} is a ${typeof value}, not a string`);
    }
    form.append(key, value);
  }
  const file = fileAt(call.filePath);
  if (!file) {
    transfer.fail(`file not found: ${call.filePath}`);
    return transfer.task;
  }
  form.append(call.name, file, `picture.${endingOf(file)}`);
  return transfer.send(form, 'text', (xhr) => ({ data: xhr.responseText })).task;
}

function downloadFile(call: Call) {
  const transfer = new Transfer('downloadFile', call, 'GET');
  return transfer.send(null, 'blob', (xhr) => ({ tempFilePath: keep(xhr.response as Blob) })).task;
}

/** A few seconds after the app has gone to the background, WeChat gives up what is still on its way. */
export function interruptInBackground(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  hideListeners.add(() => {
    timer = setTimeout(() => underWay.forEach((transfer) => transfer.fail('interrupted')), IN_BACKGROUND_MS);
  });
  showListeners.add(() => clearTimeout(timer));
}

export const network = { request, uploadFile, downloadFile };
