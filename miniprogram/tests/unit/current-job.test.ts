/** The current job: it survives network losses, the background and restarts. */
import { errorBody, FakeWx, fresh, job, type SentRequest } from './fake-wx';

type CurrentJobModule = typeof import('../../src/jobs/current-job');
type DraftModule = typeof import('../../src/store/draft');

const PARAMETERS = { styles: [{ id: 'great-wave', weight: 1 }], tau: 0.8, keepColor: false, brush: 'broad' as const, levels: null };
const LOCAL_PHOTO = { ...PARAMETERS, photo: { path: 'wxfile://1' }, clientKey: 'key-1' };
const UPLOADED_PHOTO = { ...PARAMETERS, photo: { pictureId: 'pic_9' }, clientKey: 'key-2' };

let wx: FakeWx;
let currentJob: CurrentJobModule['currentJob'];
let draft: DraftModule['draft'];

beforeEach(() => {
  jest.useFakeTimers();
  wx = new FakeWx();
  wx.install();
  startApp();
});

afterEach(() => jest.useRealTimers());

/** Simulates a start of the app: the modules are loaded again, the storage stays. */
function startApp(): void {
  const modules = fresh(() => ({ ...(require('../../src/jobs/current-job') as CurrentJobModule), ...(require('../../src/store/draft') as DraftModule) }));
  ({ currentJob, draft } = modules);
}

function serve(responses: { create?: (sent: SentRequest) => unknown; find?: () => unknown; cancel?: () => unknown }): void {
  wx.respond(({ method, url, ...sent }) => {
    const path = url.replace('https://api.test', '');
    if (path === '/v1/stylizations') return (responses.create?.({ method, url, ...sent }) ?? { status: 202, body: job() }) as never;
    if (path === '/v1/stylizations/stl_1/cancel') return (responses.cancel?.() ?? { status: 200, body: job({ status: 'cancelled' }) }) as never;
    if (path === '/v1/stylizations/stl_1') return (responses.find?.() ?? { status: 200, body: job({ status: 'done', poll_after_ms: null }) }) as never;
    return undefined;
  });
}

const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);
const creations = () => wx.requestsTo('/v1/stylizations');

test('runs from the start to the result', async () => {
  const kinds: string[] = [];
  serve({});
  currentJob.subscribe(({ kind }) => kinds.push(kind));

  currentJob.start(LOCAL_PHOTO);
  await pass(3000);

  expect([...new Set(kinds)]).toEqual(['idle', 'uploading', 'queued', 'done']);
  expect(creations()[0]?.formData).toEqual({ style_id: 'great-wave', tau: '0.8', keep_color: '0', brush: 'broad', client_key: 'key-1' });
});

test('an uploaded photo is not uploaded again', async () => {
  serve({});

  currentJob.start({ ...UPLOADED_PHOTO, levels: { colour: 1, texture: 0.5, structure: 0 } });
  await pass(10);

  expect(creations()[0]?.filePath).toBeUndefined();
  expect(creations()[0]?.data).toEqual({
    style_id: 'great-wave', tau: 0.8, keep_color: false, brush: 'broad', levels: { colour: 1, texture: 0.5, structure: 0 }, picture_id: 'pic_9', client_key: 'key-2',
  });
});

test('a mixture is sent with its weights', async () => {
  const styles = [{ id: 'great-wave', weight: 0.7 }, { id: 'red-chalk', weight: 0.3 }];
  serve({});

  currentJob.start({ ...LOCAL_PHOTO, styles });
  await pass(10);

  expect(JSON.parse(creations()[0]?.formData?.styles ?? '')).toEqual(styles);
});

test('remembers the uploaded photo by its id', async () => {
  serve({});

  currentJob.start(LOCAL_PHOTO);
  await pass(10);

  expect(draft.get().photo).toEqual({ pictureId: 'pic_1', thumbUrl: 'https://api.test/t', width: 800, height: 600 });
});

test('an upload that was cut off is repeated with the same key when the network returns', async () => {
  let isDown = true;
  serve({ create: () => (isDown ? { fail: 'socket hang up' } : undefined) });
  currentJob.start(LOCAL_PHOTO);
  await pass(15_000);
  expect(currentJob.state).toMatchObject({ kind: 'failed', code: 'offline', retryable: true });

  isDown = false;
  currentJob.retryIfCutOff();
  await pass(10);

  expect(currentJob.state.kind).toBe('queued');
  expect(new Set(creations().map(({ formData }) => formData?.client_key))).toEqual(new Set(['key-1']));
});

test('a returning network does not repeat a rejected request', async () => {
  serve({ create: () => ({ status: 415, body: errorBody('unsupported_image') }) });
  currentJob.start(LOCAL_PHOTO);
  await pass(10);

  currentJob.retryIfCutOff();
  await pass(10);

  expect(creations()).toHaveLength(1);
});

test('a key that was used for another request is replaced', async () => {
  let left = 1;
  serve({ create: () => (left-- > 0 ? { status: 409, body: errorBody('idempotency_conflict') } : undefined) });
  currentJob.start(LOCAL_PHOTO);
  await pass(10);

  currentJob.retry();
  await pass(10);

  expect(currentJob.state.kind).toBe('queued');
  expect(creations()[1]?.formData?.client_key).not.toBe('key-1');
});

test('a retry of a failed job reuses the uploaded photo', async () => {
  const error = { code: 'render_failed', message: '失败', retryable: true };
  serve({ find: () => ({ status: 200, body: job({ status: 'failed', error, poll_after_ms: null }) }) });
  currentJob.start(LOCAL_PHOTO);
  await pass(2000);

  currentJob.retry();
  await pass(10);

  expect(creations()[1]?.data).toMatchObject({ picture_id: 'pic_1', style_id: 'nixi-black-pottery', tau: 0.8 });
  expect(creations()[1]?.data?.client_key).not.toBe('key-1');
});

// Cancelling

test('cancelling an upload sends no request', async () => {
  serve({ create: () => new Promise(() => {}) });
  currentJob.start(LOCAL_PHOTO);
  await pass(10);

  await currentJob.cancel();
  await pass(10);

  expect(currentJob.state).toMatchObject({ kind: 'cancelled', job: null });
});

test('a queued job is cancelled on the service', async () => {
  serve({ find: () => ({ status: 200, body: job() }) });
  currentJob.start(LOCAL_PHOTO);
  await pass(10);

  await currentJob.cancel();

  expect(currentJob.state).toMatchObject({ kind: 'cancelled', job: { id: 'stl_1' } });
});

test('a job that ended before the cancellation is shown as it ended', async () => {
  serve({ cancel: () => ({ status: 409, body: errorBody('already_finished') }) });
  currentJob.start(LOCAL_PHOTO);
  await pass(10);

  await currentJob.cancel();

  expect(currentJob.state.kind).toBe('done');
});

test('an upload that waits for a retry is cancelled at once', async () => {
  serve({ create: () => ({ fail: 'socket hang up' }) });
  currentJob.start(LOCAL_PHOTO);
  await pass(500);

  await currentJob.cancel();
  await pass(0);

  expect(currentJob.state).toMatchObject({ kind: 'cancelled', job: null });
});

test('a late cancellation does not affect the next job', async () => {
  let respond: (value: unknown) => void = () => {};
  serve({ cancel: () => new Promise((resolve) => (respond = resolve)), create: (sent) => ({ status: 202, body: job({ id: sent.filePath ? 'stl_1' : 'stl_2' }) }) });
  currentJob.start(LOCAL_PHOTO);
  await pass(10);

  const cancelling = currentJob.cancel();
  await pass(10);
  currentJob.start(UPLOADED_PHOTO);
  await pass(10);
  respond({ status: 200, body: job({ status: 'cancelled' }) });
  await cancelling;

  expect(currentJob.state).toMatchObject({ kind: 'queued', job: { id: 'stl_2' } });
});

// The background, and restarts

test('does not poll in the background', async () => {
  let requests = 0;
  serve({ find: () => ({ status: 200, body: job({ position: (requests += 1) }) }) });
  currentJob.start(LOCAL_PHOTO);
  await pass(2000);
  const before = requests;

  currentJob.pause();
  await pass(60_000);
  expect(requests).toBe(before);
  currentJob.resume();
  await pass(10);

  expect(requests).toBe(before + 1);
});

test('a restart continues the job', async () => {
  serve({ find: () => ({ status: 200, body: job() }) });
  currentJob.start(LOCAL_PHOTO);
  await pass(10);

  startApp();
  currentJob.recover();
  await pass(10);

  expect(currentJob.state).toMatchObject({ kind: 'queued', job: { id: 'stl_1' } });
});

test('a pending request with an uploaded photo is sent after a restart, with its key', async () => {
  serve({ create: () => new Promise(() => {}) });
  currentJob.start(UPLOADED_PHOTO);
  await pass(10);

  startApp();
  serve({});
  currentJob.recover();
  await pass(10);

  expect(currentJob.state.kind).toBe('queued');
  expect(creations()[1]?.data?.client_key).toBe('key-2');
});

test('a local photo that was lost in a restart is reported', async () => {
  serve({ create: () => new Promise(() => {}) });
  currentJob.start(LOCAL_PHOTO);
  await pass(10);

  startApp();
  currentJob.recover();

  expect(currentJob.state).toMatchObject({ kind: 'failed', code: 'upload_lost' });
  expect(JSON.stringify([...wx.storage.values()])).not.toContain('wxfile://');
});

test('a restart without a job stays idle', () => {
  currentJob.recover();

  expect(currentJob.state.kind).toBe('idle');
});

test('three failed polls are reported as offline, and polling continues', async () => {
  serve({ find: () => ({ fail: 'timeout' }) });
  currentJob.start(LOCAL_PHOTO);
  await pass(60_000);

  expect(currentJob.state).toMatchObject({ kind: 'queued', offline: true });
});

test('a second start leaves the first job to the service', async () => {
  serve({ create: (sent) => (sent.filePath ? new Promise(() => {}) : undefined) });
  currentJob.start(LOCAL_PHOTO);
  await pass(10);

  currentJob.start(UPLOADED_PHOTO);
  await pass(10);

  expect(currentJob.state.kind).toBe('queued');
});
