/** The one job under way: it survives lost networks, the background and the end of the program. */
import { envelope, FakeWx, fresh, job, type Sent } from './fake-wx';

type Live = typeof import('../../src/jobs/current-job');
type Draft = typeof import('../../src/store/draft');

const LOOK = { styles: [{ id: 'great-wave', weight: 1 }], tau: 0.8, keepColor: false, levels: null };
const NEW_PHOTO = { ...LOOK, photo: { path: 'wxfile://1' }, clientKey: 'key-1' };
const KEPT_PHOTO = { ...LOOK, photo: { pictureId: 'pic_9' }, clientKey: 'key-2' };

let wx: FakeWx;
let currentJob: Live['currentJob'];
let draft: Draft['draft'];

beforeEach(() => {
  jest.useFakeTimers();
  wx = new FakeWx();
  wx.install();
  open();
});

afterEach(() => jest.useRealTimers());

/** The program as it is after a start: its memory is new, the phone's storage as it was. */
function open(): void {
  const opened = fresh(() => ({ ...(require('../../src/jobs/current-job') as Live), ...(require('../../src/store/draft') as Draft) }));
  ({ currentJob, draft } = opened);
}

function serve(answers: { create?: (sent: Sent) => unknown; find?: () => unknown; cancel?: () => unknown }): void {
  wx.answers(({ method, url, ...sent }) => {
    const path = url.replace('https://api.test', '');
    if (path === '/v1/stylizations') return (answers.create?.({ method, url, ...sent }) ?? { status: 202, body: job() }) as never;
    if (path === '/v1/stylizations/stl_1/cancel') return (answers.cancel?.() ?? { status: 200, body: job({ status: 'cancelled' }) }) as never;
    if (path === '/v1/stylizations/stl_1') return (answers.find?.() ?? { status: 200, body: job({ status: 'done', poll_after_ms: null }) }) as never;
    return undefined;
  });
}

const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);
const creations = () => wx.ordersOf('/v1/stylizations');

test('from the tap on start to the picture', async () => {
  const kinds: string[] = [];
  serve({});
  currentJob.subscribe(({ kind }) => kinds.push(kind));

  currentJob.start(NEW_PHOTO);
  await pass(3000);

  expect([...new Set(kinds)]).toEqual(['idle', 'uploading', 'queued', 'done']);
  expect(creations()[0]?.formData).toEqual({ style_id: 'great-wave', tau: '0.8', keep_color: '0', client_key: 'key-1' });
});

test('a photograph that the service has is not sent again', async () => {
  serve({});

  currentJob.start({ ...KEPT_PHOTO, levels: { colour: 1, texture: 0.5, structure: 0 } });
  await pass(10);

  expect(creations()[0]?.filePath).toBeUndefined();
  expect(creations()[0]?.data).toEqual({
    style_id: 'great-wave', tau: 0.8, keep_color: false, levels: { colour: 1, texture: 0.5, structure: 0 }, picture_id: 'pic_9', client_key: 'key-2',
  });
});

test('a mixture is sent with its weights', async () => {
  const styles = [{ id: 'great-wave', weight: 0.7 }, { id: 'red-chalk', weight: 0.3 }];
  serve({});

  currentJob.start({ ...NEW_PHOTO, styles });
  await pass(10);

  expect(JSON.parse(creations()[0]?.formData?.styles ?? '')).toEqual(styles);
});

test('the photograph is remembered by the name that the service gave it', async () => {
  serve({});

  currentJob.start(NEW_PHOTO);
  await pass(10);

  expect(draft.get().photo).toEqual({ pictureId: 'pic_1', thumbUrl: 'https://api.test/t', width: 800, height: 600 });
});

test('an upload that is cut off is sent again with the same key when the network is back', async () => {
  let isDown = true;
  serve({ create: () => (isDown ? { fail: 'socket hang up' } : undefined) });
  currentJob.start(NEW_PHOTO);
  await pass(15_000);
  expect(currentJob.state).toMatchObject({ kind: 'failed', code: 'offline', retryable: true });

  isDown = false;
  currentJob.networkIsBack();
  await pass(10);

  expect(currentJob.state.kind).toBe('queued');
  expect(new Set(creations().map(({ formData }) => formData?.client_key))).toEqual(new Set(['key-1']));
});

test('a network that comes back does not repeat what the service refused', async () => {
  serve({ create: () => ({ status: 415, body: envelope('unsupported_image') }) });
  currentJob.start(NEW_PHOTO);
  await pass(10);

  currentJob.networkIsBack();
  await pass(10);

  expect(creations()).toHaveLength(1);
});

test('a key that was used for something else is renewed', async () => {
  let left = 1;
  serve({ create: () => (left-- > 0 ? { status: 409, body: envelope('idempotency_conflict') } : undefined) });
  currentJob.start(NEW_PHOTO);
  await pass(10);

  currentJob.retry();
  await pass(10);

  expect(currentJob.state.kind).toBe('queued');
  expect(creations()[1]?.formData?.client_key).not.toBe('key-1');
});

test('a job that failed at the service is ordered anew, with the photograph that is there', async () => {
  const error = { code: 'render_failed', message: '失败', retryable: true };
  serve({ find: () => ({ status: 200, body: job({ status: 'failed', error, poll_after_ms: null }) }) });
  currentJob.start(NEW_PHOTO);
  await pass(2000);

  currentJob.retry();
  await pass(10);

  expect(creations()[1]?.data).toMatchObject({ picture_id: 'pic_1', style_id: 'nixi-black-pottery', tau: 0.8 });
  expect(creations()[1]?.data?.client_key).not.toBe('key-1');
});

// Cancelling

test('an upload is called off without a word to the service', async () => {
  serve({ create: () => new Promise(() => {}) });
  currentJob.start(NEW_PHOTO);
  await pass(10);

  await currentJob.cancel();
  await pass(10);

  expect(currentJob.state).toMatchObject({ kind: 'cancelled', job: null });
});

test('a queued job is cancelled at the service', async () => {
  serve({ find: () => ({ status: 200, body: job() }) });
  currentJob.start(NEW_PHOTO);
  await pass(10);

  await currentJob.cancel();

  expect(currentJob.state).toMatchObject({ kind: 'cancelled', job: { id: 'stl_1' } });
});

test('a job that was quicker than the tap is shown as what it became', async () => {
  serve({ cancel: () => ({ status: 409, body: envelope('already_finished') }) });
  currentJob.start(NEW_PHOTO);
  await pass(10);

  await currentJob.cancel();

  expect(currentJob.state.kind).toBe('done');
});

test('an upload that waits for its next attempt is called off at once', async () => {
  serve({ create: () => ({ fail: 'socket hang up' }) });
  currentJob.start(NEW_PHOTO);
  await pass(500);

  await currentJob.cancel();
  await pass(0);

  expect(currentJob.state).toMatchObject({ kind: 'cancelled', job: null });
});

test('the end of one job does not take the place of the next, which was started meanwhile', async () => {
  let answer: (value: unknown) => void = () => {};
  serve({ cancel: () => new Promise((resolve) => (answer = resolve)), create: (sent) => ({ status: 202, body: job({ id: sent.filePath ? 'stl_1' : 'stl_2' }) }) });
  currentJob.start(NEW_PHOTO);
  await pass(10);

  const cancelling = currentJob.cancel();
  await pass(10);
  currentJob.start(KEPT_PHOTO);
  await pass(10);
  answer({ status: 200, body: job({ status: 'cancelled' }) });
  await cancelling;

  expect(currentJob.state).toMatchObject({ kind: 'queued', job: { id: 'stl_2' } });
});

// The background, and the end of the program

test('in the background it is not asked after', async () => {
  let asked = 0;
  serve({ find: () => ({ status: 200, body: job({ position: (asked += 1) }) }) });
  currentJob.start(NEW_PHOTO);
  await pass(2000);
  const before = asked;

  currentJob.pause();
  await pass(60_000);
  expect(asked).toBe(before);
  currentJob.resume();
  await pass(10);

  expect(asked).toBe(before + 1);
});

test('a new start of the program finds the job again', async () => {
  serve({ find: () => ({ status: 200, body: job() }) });
  currentJob.start(NEW_PHOTO);
  await pass(10);

  open();
  currentJob.recover();
  await pass(10);

  expect(currentJob.state).toMatchObject({ kind: 'queued', job: { id: 'stl_1' } });
});

test('an order of a kept photograph that nobody answered is sent at the next start, with its key', async () => {
  serve({ create: () => new Promise(() => {}) });
  currentJob.start(KEPT_PHOTO);
  await pass(10);

  open();
  serve({});
  currentJob.recover();
  await pass(10);

  expect(currentJob.state.kind).toBe('queued');
  expect(creations()[1]?.data?.client_key).toBe('key-2');
});

test('a photograph that was lost with the program is asked for again, not forgotten in silence', async () => {
  serve({ create: () => new Promise(() => {}) });
  currentJob.start(NEW_PHOTO);
  await pass(10);

  open();
  currentJob.recover();

  expect(currentJob.state).toMatchObject({ kind: 'failed', code: 'upload_lost' });
  expect(JSON.stringify([...wx.storage.values()])).not.toContain('wxfile://');
});

test('where nothing was under way there is nothing to take up', () => {
  currentJob.recover();

  expect(currentJob.state.kind).toBe('idle');
});

test('three questions without an answer are told, and the job goes on', async () => {
  serve({ find: () => ({ fail: 'timeout' }) });
  currentJob.start(NEW_PHOTO);
  await pass(60_000);

  expect(currentJob.state).toMatchObject({ kind: 'queued', offline: true });
});

test('a second start leaves the first one to the service', async () => {
  serve({ create: (sent) => (sent.filePath ? new Promise(() => {}) : undefined) });
  currentJob.start(NEW_PHOTO);
  await pass(10);

  currentJob.start(KEPT_PHOTO);
  await pass(10);

  expect(currentJob.state.kind).toBe('queued');
});
