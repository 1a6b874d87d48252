/** The network layer: how responses and failures are handled. */
import { errorBody, FakeWx, fresh, TOKEN } from './fake-wx';

let wx: FakeWx;
let http: typeof import('../../src/services/http');

beforeEach(() => {
  jest.useFakeTimers();
  wx = new FakeWx();
  wx.install();
  http = fresh(() => require('../../src/services/http'));
});

afterEach(() => jest.useRealTimers());

async function settled<T>(promise: Promise<T>): Promise<{ value?: T; error?: Record<string, unknown> }> {
  const outcome = promise.then(
    (value) => ({ value }),
    (error: Record<string, unknown>) => ({ error }),
  );
  await jest.advanceTimersByTimeAsync(30_000);
  return outcome;
}

test('a request carries the login and the language', async () => {
  wx.respond(({ url }) => (url.endsWith('/v1/me') ? { status: 200, body: { id: 'usr_1' } } : undefined));

  const { value } = await settled(http.get('/v1/me'));

  const [request] = wx.requestsTo('/v1/me');
  expect(value).toEqual({ id: 'usr_1' });
  expect(request?.header).toEqual({ Authorization: 'Bearer tok_1', 'Accept-Language': 'zh' });
});

test('a public request does not log in', async () => {
  wx.respond(() => ({ status: 200, body: { title: null } }));

  await settled(http.getPublic('/v1/share/shr_1'));

  expect(wx.logins).toBe(0);
  expect(wx.sent[0]?.header).toEqual({ 'Accept-Language': 'zh' });
});

test('empty query fields are omitted and others are escaped', async () => {
  wx.respond(({ url }) => (url.includes('stylizations') ? { status: 200, body: { items: [] } } : undefined));

  await settled(http.get('/v1/stylizations', { q: '猫 & 狗', style: undefined, cursor: null, favourite: true }));

  expect(wx.sent[1]?.url).toBe('https://api.test/v1/stylizations?q=%E7%8C%AB%20%26%20%E7%8B%97&favourite=true');
});

test('an error of the service has its code, message and values', async () => {
  wx.respond(({ url }) =>
    url.includes('stl_1') ? { status: 429, body: errorBody('rate_limited', { retryable: true, retry_after_s: 7, field: 'title' }) } : undefined,
  );

  const { error } = await settled(http.post('/v1/stylizations/stl_1', { title: 'x' }));

  expect(error).toMatchObject({
    code: 'rate_limited', status: 429, message: 'message of rate_limited', retryable: true, retryAfterS: 7, field: 'title', requestId: 'req_1',
  });
});

test.each([
  ['a page of a proxy', 502, '<html>Bad Gateway</html>', 'server_error'],
  ['a proxy that finds a file too large', 413, '<html>413</html>', 'file_too_large'],
  ['a version that is too old', 426, {}, 'outdated'],
  ['a body without the error format', 400, { detail: 'no' }, 'server_error'],
])('%s becomes an AppError', async (_, status, body, code) => {
  wx.respond(({ method }) => (method === 'DELETE' ? { status, body } : undefined));

  const { error } = await settled(http.remove('/v1/stylizations/stl_1'));

  expect(error).toMatchObject({ code, status });
});

test('a success without JSON is an error', async () => {
  wx.respond(({ url }) => (url.includes('stl_1') ? { status: 200, body: '<html>log in to the hotel network</html>' } : undefined));

  const { error } = await settled(http.post('/v1/stylizations/stl_1', {}));

  expect(error).toMatchObject({ code: 'server_error' });
});

test('a 204 without a body is a success', async () => {
  wx.respond(({ method }) => (method === 'DELETE' ? { status: 204, body: '' } : undefined));

  expect(await settled(http.remove('/v1/stylizations/stl_1'))).toEqual({ value: undefined });
});

test.each([
  ['timeout', 'timeout'],
  ['interrupted', 'interrupted'],
  ['socket hang up', 'offline'],
  ['Software caused connection abort', 'offline'],
])('the failure "%s" has the code %s', async (reason, code) => {
  wx.respond(({ url }) => (url.includes('stl_1') ? { fail: reason } : undefined));

  const { error } = await settled(http.post('/v1/stylizations/stl_1', {}));

  expect(error).toMatchObject({ code, retryable: true, status: 0 });
});

test('a GET is tried three times', async () => {
  let left = 2;
  wx.respond(({ url }) => (url.endsWith('/v1/me') ? (left-- > 0 ? { fail: 'timeout' } : { status: 200, body: { id: 'usr_1' } }) : undefined));

  expect(await settled(http.get('/v1/me'))).toEqual({ value: { id: 'usr_1' } });
  expect(wx.requestsTo('/v1/me')).toHaveLength(3);
});

test('a GET that is not found is tried once', async () => {
  wx.respond(({ url }) => (url.endsWith('/v1/me') ? { status: 404, body: errorBody('not_found') } : undefined));

  await settled(http.get('/v1/me'));

  expect(wx.requestsTo('/v1/me')).toHaveLength(1);
});

test('a POST without a key is not retried', async () => {
  wx.respond(({ method, url }) => (method === 'POST' && url.endsWith('/cancel') ? { fail: 'timeout' } : undefined));

  await settled(http.post('/v1/stylizations/stl_1/cancel'));

  expect(wx.requestsTo('/v1/stylizations/stl_1/cancel')).toHaveLength(1);
});

// The login

test('two requests with an expired token share one login and are both repeated', async () => {
  wx.respond(({ url, header }) => {
    if (url.endsWith('/v1/auth/wechat')) return undefined;
    return header.Authorization === 'Bearer tok_1' ? { status: 401, body: errorBody('unauthenticated') } : { status: 200, body: { ok: true } };
  });

  const both = await settled(Promise.all([http.post('/v1/a', {}), http.post('/v1/b', {})]));

  expect(both.value).toEqual([{ ok: true }, { ok: true }]);
  expect(wx.logins).toBe(2);
});

test('a second 401 is not followed by another login', async () => {
  wx.respond(({ url }) => (url.endsWith('/v1/auth/wechat') ? undefined : { status: 401, body: errorBody('unauthenticated') }));

  const { error } = await settled(http.post('/v1/a', {}));

  expect(error).toMatchObject({ code: 'unauthenticated' });
  expect(wx.requestsTo('/v1/a')).toHaveLength(2);
});

test('a device with a wrong clock does not log in before every request', async () => {
  const longPast = { ...TOKEN, expires_at: '2001-01-01T00:00:00Z' };
  wx.respond(({ url }) => ({ status: 200, body: url.endsWith('/v1/auth/wechat') ? longPast : {} }));

  await settled(http.post('/v1/a', {}));
  await settled(http.post('/v1/a', {}));

  expect(wx.logins).toBe(1);
});

test('a token that expires while the app runs is renewed', async () => {
  wx.respond(({ url }) => {
    if (!url.endsWith('/v1/auth/wechat')) return { status: 200, body: {} };
    const inTwoHours = new Date(Date.now() + 7_200_000).toISOString();
    return { status: 200, body: { ...TOKEN, token: `tok_${wx.logins}`, expires_at: inTwoHours } };
  });
  await settled(http.post('/v1/a', {}));

  await jest.advanceTimersByTimeAsync(7_200_000);
  await settled(http.post('/v1/a', {}));

  expect(wx.requestsTo('/v1/a').map(({ header }) => header.Authorization)).toEqual(['Bearer tok_1', 'Bearer tok_2']);
});

test('an expired token is renewed before the request', async () => {
  wx.storage.set('token', { ...TOKEN, token: 'tok_old', expires_at: '2001-01-01T00:00:00Z' });
  wx.respond(({ url }) => (url.endsWith('/v1/auth/wechat') ? undefined : { status: 200, body: {} }));

  await settled(http.post('/v1/a', {}));

  expect(wx.requestsTo('/v1/a').map(({ header }) => header.Authorization)).toEqual(['Bearer tok_1']);
});

test('the token is stored for the next start', async () => {
  wx.respond(({ url }) => (url.endsWith('/v1/auth/wechat') ? undefined : { status: 200, body: {} }));
  await settled(http.post('/v1/a', {}));

  const again = fresh<typeof http>(() => require('../../src/services/http'));
  await settled(again.post('/v1/a', {}));

  expect(wx.logins).toBe(1);
});

test('a failed login is reported, and the next request tries again', async () => {
  let isDown = true;
  wx.respond(({ url }) => {
    if (url.endsWith('/v1/auth/wechat')) return isDown ? { fail: 'timeout' } : undefined;
    return { status: 200, body: { ok: true } };
  });

  const first = await settled(http.post('/v1/a', {}));
  isDown = false;
  const second = await settled(http.post('/v1/a', {}));

  expect(first.error).toMatchObject({ code: 'timeout' });
  expect(second.value).toEqual({ ok: true });
});

// Uploads

test('an upload sends string fields and its key, and reports progress', async () => {
  const shares: number[] = [];
  wx.respond((sent) => {
    if (!sent.filePath) return undefined;
    sent.progress(0.5);
    return { status: 202, body: { id: 'stl_1' } };
  });

  const { value } = await settled(http.upload('/v1/stylizations', 'wxfile://1', { tau: '0.8' }, 'key-1', (share) => shares.push(share)).done);

  const [sent] = wx.requestsTo('/v1/stylizations');
  expect(value).toEqual({ id: 'stl_1' });
  expect(sent?.formData).toEqual({ tau: '0.8', client_key: 'key-1' });
  expect(sent?.header['Idempotency-Key']).toBe('key-1');
  expect(shares).toEqual([0.5]);
});

test('an upload without a response is retried after 2 and 6 seconds with the same key', async () => {
  const at: number[] = [];
  const began = Date.now();
  wx.respond((sent) => {
    if (!sent.filePath) return undefined;
    at.push(Date.now() - began);
    return at.length < 3 ? { fail: 'socket hang up' } : { status: 202, body: { id: 'stl_1' } };
  });

  const { value } = await settled(http.upload('/v1/stylizations', 'wxfile://1', {}, 'key-1').done);

  expect(value).toEqual({ id: 'stl_1' });
  expect(wx.requestsTo('/v1/stylizations').map(({ formData }) => formData?.client_key)).toEqual(['key-1', 'key-1', 'key-1']);
  expect(at[1]).toBeGreaterThanOrEqual(2000);
  expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThanOrEqual(6000);
});

test('a proxy error during an upload is retried', async () => {
  let left = 1;
  wx.respond((sent) => {
    if (!sent.filePath) return undefined;
    return left-- > 0 ? { status: 502, body: '<html>502</html>' } : { status: 202, body: { id: 'stl_1' } };
  });

  expect(await settled(http.upload('/v1/stylizations', 'wxfile://1', {}, 'k').done)).toEqual({ value: { id: 'stl_1' } });
});

test('an error of the service ends an upload at once', async () => {
  wx.respond((sent) => (sent.filePath ? { status: 503, body: errorBody('queue_full', { retryable: true, retry_after_s: 20 }) } : undefined));

  const { error } = await settled(http.upload('/v1/stylizations', 'wxfile://1', {}, 'k').done);

  expect(error).toMatchObject({ code: 'queue_full', retryAfterS: 20 });
  expect(wx.requestsTo('/v1/stylizations')).toHaveLength(1);
});

test('an aborted upload is not retried', async () => {
  wx.respond((sent) => (sent.filePath ? new Promise(() => {}) : undefined));
  const uploading = http.upload('/v1/stylizations', 'wxfile://1', {}, 'k');
  await jest.advanceTimersByTimeAsync(10);

  uploading.abort();

  expect((await settled(uploading.done)).error).toMatchObject({ code: 'aborted' });
  expect(wx.requestsTo('/v1/stylizations')).toHaveLength(1);
});

test('an upload can be aborted between two attempts', async () => {
  wx.respond((sent) => (sent.filePath ? { fail: 'socket hang up' } : undefined));
  const uploading = http.upload('/v1/stylizations', 'wxfile://1', {}, 'k');
  const outcome = uploading.done.catch((error: { code: string }) => error.code);
  await jest.advanceTimersByTimeAsync(500);

  uploading.abort();

  expect(await outcome).toBe('aborted'); // at once, although the next attempt is two seconds away
  await jest.advanceTimersByTimeAsync(20_000);
  expect(wx.requestsTo('/v1/stylizations')).toHaveLength(1);
});

test('an upload that is aborted in the queue is never sent', async () => {
  wx.respond((sent) => (sent.filePath ? new Promise(() => {}) : undefined));
  const running = [1, 2, 3].map((each) => http.upload('/v1/styles', `wxfile://${each}`, {}, `k${each}`));
  const waiting = http.upload('/v1/stylizations', 'wxfile://4', {}, 'k4');
  const outcome = waiting.done.catch((error: { code: string }) => error.code);
  await jest.advanceTimersByTimeAsync(10);

  waiting.abort();
  expect(await outcome).toBe('aborted');
  running.forEach(({ done, abort }) => {
    done.catch(() => {});
    abort();
  });
  await jest.advanceTimersByTimeAsync(20_000);

  expect(wx.requestsTo('/v1/stylizations')).toEqual([]);
});

test('at most ten requests run at the same time, and all complete', async () => {
  let now = 0;
  let most = 0;
  wx.respond(async (sent) => {
    if (sent.url.endsWith('/v1/auth/wechat')) return undefined;
    most = Math.max(most, (now += 1));
    await new Promise((done) => setTimeout(done, 10));
    now -= 1;
    return { status: 200, body: { ok: true } };
  });

  const { value } = await settled(Promise.all(Array.from({ length: 25 }, (_, index) => http.get(`/v1/${index}`))));

  expect(value).toHaveLength(25);
  expect(most).toBeLessThanOrEqual(10);
});

test('no task takes the slot of a waiting one', async () => {
  const { ConcurrencyLimit } = fresh(() => require('../../src/services/concurrency-limit') as typeof import('../../src/services/concurrency-limit'));
  const limit = new ConcurrencyLimit(1);
  let inside = 0;
  let most = 0;
  const task = async () => {
    most = Math.max(most, (inside += 1));
    await Promise.resolve();
    inside -= 1;
  };

  const tasks = [limit.run(task), limit.run(task)];
  for (let step = 0; step < 20; step += 1) {
    await null; // a new task arrives at every step
    tasks.push(limit.run(task));
  }
  await Promise.all(tasks);

  expect(most).toBe(1);
});

test('a failed task frees its slot', async () => {
  const { ConcurrencyLimit } = fresh(() => require('../../src/services/concurrency-limit') as typeof import('../../src/services/concurrency-limit'));
  const limit = new ConcurrencyLimit(1);

  await expect(limit.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');

  expect(await limit.run(async () => 'yes')).toBe('yes');
});

// Pictures

test('a signed URL is downloaded without a login', async () => {
  wx.respond(() => ({ path: 'wxfile://result' }));

  const url = 'https://api.test/v1/pictures/pic_1.jpg?exp=1&sig=a-b_c';

  expect(await settled(http.download(url))).toEqual({ value: 'wxfile://result' });
  expect(wx.sent.map((request) => request.url)).toEqual([url]);
  expect(wx.logins).toBe(0);
});

test('a path of the service is downloaded with the login', async () => {
  wx.respond(({ url }) => (url.includes('poster') ? { path: 'wxfile://poster' } : undefined));

  await settled(http.download('/v1/stylizations/stl_1/poster.jpg?theme=dark'));

  expect(wx.sent[1]?.header.Authorization).toBe('Bearer tok_1');
});

test('an expired picture is an error, not a file', async () => {
  wx.respond(() => ({ status: 410, body: errorBody('expired') }));

  expect((await settled(http.download('https://api.test/v1/pictures/pic_1'))).error).toMatchObject({ code: 'expired' });
});

test.each([
  ['check_pending', 423],
  ['under_review', 423],
  ['content_rejected', 403],
  ['not_finished', 409],
])('a poster that is refused with %s has the message of the service', async (code, status) => {
  wx.respond(({ url }) => (url.includes('poster') ? { status, body: errorBody(code) } : undefined));

  const { error } = await settled(http.download('/v1/stylizations/stl_1/poster.jpg?theme=dark'));

  expect(error).toMatchObject({ code, status, message: `message of ${code}` });
});

test('a poster is downloaded after the token has been renewed', async () => {
  wx.respond(({ url, header }) => {
    if (!url.includes('poster')) return undefined;
    return header.Authorization === 'Bearer tok_1' ? { status: 401, body: errorBody('unauthenticated') } : { path: 'wxfile://poster' };
  });

  expect(await settled(http.download('/v1/stylizations/stl_1/poster.jpg?theme=dark'))).toEqual({ value: 'wxfile://poster' });
});
