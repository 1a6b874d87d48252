/** As much of `wx` as services touch, told by each test how to answer; what a test did not tell is an error. */

export interface Sent {
  url: string;
  method: string;
  header: Record<string, string>;
  data?: Record<string, unknown>;
  filePath?: string;
  formData?: Record<string, string>;
  progress: (share: number) => void;
  aborted: boolean;
}

type Answer = { status: number; body?: unknown } | { fail: string } | { path: string };
type Responder = (sent: Sent) => Answer | undefined | Promise<Answer | undefined>;

export const TOKEN = { token: 'tok_1', expires_at: '2099-01-01T00:00:00Z', user: { id: 'usr_1' } };

export class FakeWx {
  readonly sent: Sent[] = [];
  readonly storage = new Map<string, unknown>();
  language = 'zh_CN';
  logins = 0;
  extConfig: { apiBase?: string } = { apiBase: 'https://api.test' };
  envVersion = 'release';
  enterOptions: Record<string, unknown> = { scene: 1001 };
  appHide: (() => void)[] = [];
  appShow: (() => void)[] = [];
  private responder: Responder = () => undefined;

  /** How the service answers. Logins are answered without being asked about. */
  answers(responder: Responder): void {
    this.responder = responder;
  }

  ordersOf(path: string): Sent[] {
    return this.sent.filter(({ url }) => url.split('?')[0] === `https://api.test${path}`);
  }

  install(more: Record<string, unknown> = {}): void {
    const wx = { ...this.api(), ...more };
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
      request: (options: Record<string, unknown>) => this.carry(options, 'request'),
      uploadFile: (options: Record<string, unknown>) => this.carry(options, 'uploadFile'),
      downloadFile: (options: Record<string, unknown>) => this.carry(options, 'downloadFile'),
      onAppHide: (call: () => void) => this.appHide.push(call),
      onAppShow: (call: () => void) => this.appShow.push(call),
      offAppHide: (call: () => void) => (this.appHide = this.appHide.filter((each) => each !== call)),
      offAppShow: (call: () => void) => (this.appShow = this.appShow.filter((each) => each !== call)),
    };
  }

  private carry(options: Record<string, unknown>, name: string) {
    const listeners: ((progress: { progress: number }) => void)[] = [];
    const fail = (why: string) => (options.fail as (result: { errMsg: string }) => void)({ errMsg: `${name}:fail ${why}` });
    const sent: Sent = {
      ...(options as unknown as Sent),
      method: (options.method as string | undefined) ?? 'GET',
      progress: (share) => listeners.forEach((listener) => listener({ progress: share * 100 })),
      aborted: false,
    };
    this.sent.push(sent);
    void Promise.resolve()
      .then(() => this.answerOf(sent))
      .then((answer) => {
        if (sent.aborted) return;
        if ('fail' in answer) return fail(answer.fail);
        const success = options.success as (result: unknown) => void;
        if ('path' in answer) return success({ statusCode: 200, tempFilePath: answer.path });
        const data = name === 'uploadFile' && typeof answer.body !== 'string' ? JSON.stringify(answer.body) : answer.body;
        success({ statusCode: answer.status, data });
      });
    return {
      onProgressUpdate: (listener: (progress: { progress: number }) => void) => listeners.push(listener),
      abort: () => {
        sent.aborted = true;
        fail('abort');
      },
    };
  }

  private async answerOf(sent: Sent): Promise<Answer> {
    const answer = await this.responder(sent);
    if (answer) return answer;
    if (sent.url.endsWith('/v1/auth/wechat')) return { status: 200, body: { ...TOKEN, token: `tok_${this.logins}` } };
    throw new Error(`no answer was told for ${sent.method} ${sent.url}`);
  }
}

export function envelope(code: string, more: Record<string, unknown> = {}) {
  return { error: { code, message: `words of ${code}`, retryable: false, request_id: 'req_1', ...more } };
}

/** A job as the service tells of it. */
export function job(changed: Record<string, unknown> = {}) {
  return {
    id: 'stl_1',
    status: 'queued',
    position: 1,
    eta_s: 3,
    poll_after_ms: 700,
    progress: 0,
    tau: 0.8,
    keep_color: false,
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
    ...changed,
  };
}

/** Modules keep state: each test gets its own, over a fresh `wx`. */
export function fresh<T>(load: () => T): T {
  let loaded: T | undefined;
  jest.isolateModules(() => {
    loaded = load();
  });
  return loaded as T;
}

export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    if (condition()) return;
    await Promise.resolve();
  }
  throw new Error('it did not come about');
}
