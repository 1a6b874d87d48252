/** A fake of the `wx` functions that the services use. Each test sets the responses; a call without a response fails. */

export interface SentRequest {
  url: string;
  method: string;
  header: Record<string, string>;
  data?: Record<string, unknown>;
  filePath?: string;
  formData?: Record<string, string>;
  progress: (share: number) => void;
  aborted: boolean;
}

type Response = { status: number; body?: unknown } | { fail: string } | { path: string };
type Responder = (sent: SentRequest) => Response | undefined | Promise<Response | undefined>;

export const TOKEN = { token: 'tok_1', expires_at: '2099-01-01T00:00:00Z', user: { id: 'usr_1' } };

export class FakeWx {
  readonly sent: SentRequest[] = [];
  readonly storage = new Map<string, unknown>();
  language = 'zh_CN';
  logins = 0;
  extConfig: { apiBase?: string } = { apiBase: 'https://api.test' };
  envVersion = 'release';
  enterOptions: Record<string, unknown> = { scene: 1001 };
  appHide: (() => void)[] = [];
  appShow: (() => void)[] = [];
  private responder: Responder = () => undefined;

  /** Sets the responses of the service. Logins succeed by default. */
  respond(responder: Responder): void {
    this.responder = responder;
  }

  requestsTo(path: string): SentRequest[] {
    return this.sent.filter(({ url }) => url.split('?')[0] === `https://api.test${path}`);
  }

  install(extra: Record<string, unknown> = {}): void {
    const wx = { ...this.api(), ...extra };
    (globalThis as Record<string, unknown>).wx = new Proxy(wx, {
      get: (target, name: string) => {
        if (name in target) return target[name as keyof typeof target];
        throw new Error(`wx.${name} was not expected`);
      },
    });
    (globalThis as Record<string, unknown>).Behavior = (definition: unknown) => definition;
  }

  private api() {
    return {
      getExtConfigSync: () => this.extConfig,
      getAccountInfoSync: () => ({ miniProgram: { envVersion: this.envVersion } }),
      getAppBaseInfo: () => ({ language: this.language }),
      getEnterOptionsSync: () => this.enterOptions,
      canIUse: () => true,
      getStorageSync: (key: string) => this.storage.get(key) ?? '',
      setStorageSync: (key: string, value: unknown) => void this.storage.set(key, JSON.parse(JSON.stringify(value))),
      clearStorageSync: () => this.storage.clear(),
      login: async () => ({ code: `dev-${(this.logins += 1)}` }),
      request: (options: Record<string, unknown>) => this.transfer(options, 'request'),
      uploadFile: (options: Record<string, unknown>) => this.transfer(options, 'uploadFile'),
      downloadFile: (options: Record<string, unknown>) => this.transfer(options, 'downloadFile'),
      onAppHide: (listener: () => void) => this.appHide.push(listener),
      onAppShow: (listener: () => void) => this.appShow.push(listener),
      offAppHide: (listener: () => void) => (this.appHide = this.appHide.filter((each) => each !== listener)),
      offAppShow: (listener: () => void) => (this.appShow = this.appShow.filter((each) => each !== listener)),
    };
  }

  private transfer(options: Record<string, unknown>, name: string) {
    const listeners: ((progress: { progress: number }) => void)[] = [];
    const fail = (reason: string) => (options.fail as (result: { errMsg: string }) => void)({ errMsg: `${name}:fail ${reason}` });
    const sent: SentRequest = {
      ...(options as unknown as SentRequest),
      method: (options.method as string | undefined) ?? 'GET',
      progress: (share) => listeners.forEach((listener) => listener({ progress: share * 100 })),
      aborted: false,
    };
    this.sent.push(sent);
    void Promise.resolve()
      .then(() => this.responseTo(sent))
      .then((response) => {
        if (sent.aborted) return;
        if ('fail' in response) return fail(response.fail);
        const success = options.success as (result: unknown) => void;
        if ('path' in response) return success({ statusCode: 200, tempFilePath: response.path });
        const data = name === 'uploadFile' && typeof response.body !== 'string' ? JSON.stringify(response.body) : response.body;
        success({ statusCode: response.status, data });
      });
    return {
      onProgressUpdate: (listener: (progress: { progress: number }) => void) => listeners.push(listener),
      abort: () => {
        sent.aborted = true;
        fail('abort');
      },
    };
  }

  private async responseTo(sent: SentRequest): Promise<Response> {
    const response = await this.responder(sent);
    if (response) return response;
    if (sent.url.endsWith('/v1/auth/wechat')) return { status: 200, body: { ...TOKEN, token: `tok_${this.logins}` } };
    throw new Error(`no response is set for ${sent.method} ${sent.url}`);
  }
}

export function errorBody(code: string, extra: Record<string, unknown> = {}) {
  return { error: { code, message: `message of ${code}`, retryable: false, request_id: 'req_1', ...extra } };
}

/** A job in the format of the service. */
export function job(changes: Record<string, unknown> = {}) {
  return {
    id: 'stl_1',
    status: 'queued',
    position: 1,
    eta_s: 3,
    poll_after_ms: 700,
    stage: 'queued',
    progress: 0,
    tau: 0.8,
    keep_color: false,
    brush: 'medium',
    style: { id: 'nixi-black-pottery', name: { zh: '尼西黑陶', en: 'Nixi black pottery' } },
    styles: null,
    levels: null,
    title: null,
    favourite: false,
    share_token: null,
    check: null,
    created_at: '2026-03-08T06:00:00Z',
    started_at: null,
    finished_at: null,
    expires_at: null,
    content: { id: 'pic_1', url: 'https://api.test/p', thumb_url: 'https://api.test/t', width: 800, height: 600 },
    result: null,
    error: null,
    ...changes,
  };
}

/** Loads modules in isolation, because they keep state. */
export function fresh<T>(load: () => T): T {
  let loaded: T | undefined;
  jest.isolateModules(() => {
    loaded = load();
  });
  return loaded as T;
}

export async function until(condition: () => boolean): Promise<void> {
  for (let tick = 0; tick < 200; tick += 1) {
    if (condition()) return;
    await Promise.resolve();
  }
  throw new Error('the condition was not met');
}
