/** The polling of a job. */
import { FakeWx, fresh, job } from './fake-wx';

type PollerModule = typeof import('../../src/jobs/poller');
type Errors = typeof import('../../src/services/errors');

const fetchJob = jest.fn();
const listener = { onJob: jest.fn(), onError: jest.fn(), onInaccessible: jest.fn() };
let poller: InstanceType<PollerModule['Poller']>;
let errors: Errors;
let random: number;

beforeEach(() => {
  jest.useFakeTimers();
  jest.resetAllMocks();
  random = 0;
  new FakeWx().install();
  const { Poller } = fresh(() => {
    errors = require('../../src/services/errors') as Errors;
    return require('../../src/jobs/poller') as PollerModule;
  });
  poller = new Poller(fetchJob, listener, {
    setTimer: (milliseconds, callback) => setTimeout(callback, milliseconds),
    clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    random: () => random,
  });
});

afterEach(() => jest.useRealTimers());

const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

test('polls at the interval of the service', async () => {
  fetchJob.mockResolvedValue(job({ poll_after_ms: 2000 }));

  poller.start();
  await pass(1999);
  expect(fetchJob).toHaveBeenCalledTimes(1);
  await pass(2);

  expect(fetchJob).toHaveBeenCalledTimes(2);
});

test('adds a jitter of up to a fifth', async () => {
  random = 1;
  fetchJob.mockResolvedValue(job({ poll_after_ms: 1000 }));

  poller.start(job({ poll_after_ms: 1000 }) as never);
  await pass(1199);
  expect(fetchJob).not.toHaveBeenCalled();
  await pass(2);

  expect(fetchJob).toHaveBeenCalledTimes(1);
});

test.each(['done', 'failed', 'cancelled'])('stops when the status is %s', async (status) => {
  fetchJob.mockResolvedValue(job({ status, poll_after_ms: null }));

  poller.start();
  await pass(60_000);

  expect(fetchJob).toHaveBeenCalledTimes(1);
  expect(listener.onJob).toHaveBeenCalledWith(expect.objectContaining({ status }));
});

test('does not poll in the background, and polls at once afterwards', async () => {
  fetchJob.mockResolvedValue(job({ poll_after_ms: 1000 }));
  poller.start();
  await pass(10);

  poller.pause();
  await pass(60_000);
  expect(fetchJob).toHaveBeenCalledTimes(1);
  poller.resume();
  await pass(0);

  expect(fetchJob).toHaveBeenCalledTimes(2);
});

test('polls every five seconds after an error, and counts the errors', async () => {
  fetchJob.mockRejectedValue(new errors.AppError('offline'));

  poller.start();
  await pass(10_001);

  expect(fetchJob).toHaveBeenCalledTimes(3);
  expect(listener.onError.mock.calls.map(([, failures]) => failures)).toEqual([1, 2, 3]);
});

test('a response resets the count', async () => {
  fetchJob.mockRejectedValueOnce(new errors.AppError('offline')).mockResolvedValueOnce(job({ poll_after_ms: 100 })).mockRejectedValue(new errors.AppError('offline'));

  poller.start();
  await pass(5200);

  expect(listener.onError.mock.calls.map(([, failures]) => failures)).toEqual([1, 1]);
});

test.each(['not_found', 'expired', 'forbidden'])('stops at the error %s', async (code) => {
  fetchJob.mockRejectedValue(new errors.AppError(code, { status: 404 }));

  poller.start();
  await pass(60_000);

  expect(fetchJob).toHaveBeenCalledTimes(1);
  expect(listener.onInaccessible).toHaveBeenCalledTimes(1);
});

test('ignores a response after it was stopped', async () => {
  let respond: (value: unknown) => void = () => {};
  fetchJob.mockReturnValue(new Promise((resolve) => (respond = resolve)));
  poller.start();

  poller.stop();
  respond(job());
  await pass(10_000);

  expect(listener.onJob).not.toHaveBeenCalled();
  expect(fetchJob).toHaveBeenCalledTimes(1);
});

test('never sends two requests at the same time', async () => {
  fetchJob.mockReturnValue(new Promise(() => {}));
  poller.start();

  poller.pause();
  poller.resume();
  await pass(10_000);

  expect(fetchJob).toHaveBeenCalledTimes(1);
});
