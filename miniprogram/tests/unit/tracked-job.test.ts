/** A job of the history that is polled while its page is open. */
import { errorBody, FakeWx, fresh, job } from './fake-wx';

type Module = typeof import('../../src/jobs/tracked-job');

let wx: FakeWx;
let trackJob: Module['trackJob'];

beforeEach(() => {
  jest.useFakeTimers();
  wx = new FakeWx();
  wx.install();
  ({ trackJob } = fresh(() => require('../../src/jobs/tracked-job') as Module));
});

afterEach(() => jest.useRealTimers());

const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

function serve(find: () => unknown): void {
  wx.respond(({ url }) => (url.endsWith('/v1/stylizations/stl_1') ? (find() as never) : undefined));
}

test('a finished job is requested once', async () => {
  let requests = 0;
  serve(() => ({ status: 200, body: job({ status: 'done', position: (requests += 1), poll_after_ms: null }) }));

  const tracked = trackJob('stl_1');
  await pass(60_000);

  expect(tracked.state.kind).toBe('done');
  expect(requests).toBe(1);
});

test('reports a job that does not exist', async () => {
  serve(() => ({ status: 404, body: errorBody('not_found') }));

  const tracked = trackJob('stl_1');
  await pass(10);

  expect(tracked.state).toMatchObject({ kind: 'failed', code: 'not_found', job: null });
});

test('reports a lost connection at once, and shows the job when the network returns', async () => {
  let isDown = true;
  serve(() => (isDown ? { fail: 'socket hang up' } : { status: 200, body: job({ status: 'done' }) }));
  const tracked = trackJob('stl_1');
  await pass(3000);
  expect(tracked.state).toMatchObject({ kind: 'failed', code: 'offline' });

  isDown = false;
  await pass(7000);

  expect(tracked.state.kind).toBe('done');
});

test('a job that ended before the cancellation is shown as it ended', async () => {
  let status = 'running';
  wx.respond(({ url }) => {
    if (url.endsWith('/v1/stylizations/stl_1/cancel')) return { status: 409, body: errorBody('already_finished') };
    return url.endsWith('/v1/stylizations/stl_1') ? { status: 200, body: job({ status }) } : undefined;
  });
  const tracked = trackJob('stl_1');
  await pass(10);

  status = 'done';
  await tracked.cancel();

  expect(tracked.state.kind).toBe('done');
});

test('pauses in the background, and removes its listeners when stopped', async () => {
  let requests = 0;
  serve(() => ({ status: 200, body: job({ position: (requests += 1) }) }));
  const tracked = trackJob('stl_1');
  await pass(10);

  wx.appHide.forEach((call) => call());
  await pass(60_000);
  expect(requests).toBe(1);
  wx.appShow.forEach((call) => call());
  await pass(10);
  tracked.stop();
  await pass(60_000);

  expect(requests).toBe(2);
  expect([wx.appHide, wx.appShow]).toEqual([[], []]);
});
