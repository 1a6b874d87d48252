/** Any job of the history, followed while somebody looks. */
import { envelope, FakeWx, fresh, job } from './fake-wx';

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
  wx.answers(({ url }) => (url.endsWith('/v1/stylizations/stl_1') ? (find() as never) : undefined));
}

test('a finished work is asked for once', async () => {
  let asked = 0;
  serve(() => ({ status: 200, body: job({ status: 'done', position: (asked += 1), poll_after_ms: null }) }));

  const tracked = trackJob('stl_1');
  await pass(60_000);

  expect(tracked.state.kind).toBe('done');
  expect(asked).toBe(1);
});

test('one that does not exist says so', async () => {
  serve(() => ({ status: 404, body: envelope('not_found') }));

  const tracked = trackJob('stl_1');
  await pass(10);

  expect(tracked.state).toMatchObject({ kind: 'failed', code: 'not_found', job: null });
});

test('without a network it says so at once, and shows the work as soon as there is one', async () => {
  let isDown = true;
  serve(() => (isDown ? { fail: 'socket hang up' } : { status: 200, body: job({ status: 'done' }) }));
  const tracked = trackJob('stl_1');
  await pass(3000);
  expect(tracked.state).toMatchObject({ kind: 'failed', code: 'offline' });

  isDown = false;
  await pass(7000);

  expect(tracked.state.kind).toBe('done');
});

test('one that was quicker than the tap on cancel is shown as what it became', async () => {
  let status = 'running';
  wx.answers(({ url }) => {
    if (url.endsWith('/v1/stylizations/stl_1/cancel')) return { status: 409, body: envelope('already_finished') };
    return url.endsWith('/v1/stylizations/stl_1') ? { status: 200, body: job({ status }) } : undefined;
  });
  const tracked = trackJob('stl_1');
  await pass(10);

  status = 'done';
  await tracked.cancel();

  expect(tracked.state.kind).toBe('done');
});

test('the background pauses it, and nobody listens once it is stopped', async () => {
  let asked = 0;
  serve(() => ({ status: 200, body: job({ position: (asked += 1) }) }));
  const tracked = trackJob('stl_1');
  await pass(10);

  wx.appHide.forEach((call) => call());
  await pass(60_000);
  expect(asked).toBe(1);
  wx.appShow.forEach((call) => call());
  await pass(10);
  tracked.stop();
  await pass(60_000);

  expect(asked).toBe(2);
  expect([wx.appHide, wx.appShow]).toEqual([[], []]);
});
