/** How often a job is asked after. */
import { FakeWx, fresh, job } from './fake-wx';

type Polling = typeof import('../../src/jobs/poller');
type Errors = typeof import('../../src/services/errors');

const ask = jest.fn();
const listener = { heard: jest.fn(), unanswered: jest.fn(), lost: jest.fn() };
let poller: InstanceType<Polling['Poller']>;
let errors: Errors;
let random: number;

beforeEach(() => {
  jest.useFakeTimers();
  jest.resetAllMocks();
  random = 0;
  new FakeWx().install();
  const { Poller } = fresh(() => {
    errors = require('../../src/services/errors') as Errors;
    return require('../../src/jobs/poller') as Polling;
  });
  poller = new Poller(ask, listener, {
    after: (milliseconds, call) => setTimeout(call, milliseconds),
    cancel: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    random: () => random,
  });
});

afterEach(() => jest.useRealTimers());

const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

test('it asks as often as the service says', async () => {
  ask.mockResolvedValue(job({ poll_after_ms: 2000 }));

  poller.start();
  await pass(1999);
  expect(ask).toHaveBeenCalledTimes(1);
  await pass(2);

  expect(ask).toHaveBeenCalledTimes(2);
});

test('it waits up to a fifth longer, so that phones do not ask in step', async () => {
  random = 1;
  ask.mockResolvedValue(job({ poll_after_ms: 1000 }));

  poller.start(job({ poll_after_ms: 1000 }) as never);
  await pass(1199);
  expect(ask).not.toHaveBeenCalled();
  await pass(2);

  expect(ask).toHaveBeenCalledTimes(1);
});

test.each(['done', 'failed', 'cancelled'])('it stops at %s', async (status) => {
  ask.mockResolvedValue(job({ status, poll_after_ms: null }));

  poller.start();
  await pass(60_000);

  expect(ask).toHaveBeenCalledTimes(1);
  expect(listener.heard).toHaveBeenCalledWith(expect.objectContaining({ status }));
});

test('in the background it asks nothing, and at once when it comes back', async () => {
  ask.mockResolvedValue(job({ poll_after_ms: 1000 }));
  poller.start();
  await pass(10);

  poller.pause();
  await pass(60_000);
  expect(ask).toHaveBeenCalledTimes(1);
  poller.resume();
  await pass(0);

  expect(ask).toHaveBeenCalledTimes(2);
});

test('it goes on asking every five seconds without an answer, and counts', async () => {
  ask.mockRejectedValue(new errors.AppError('offline'));

  poller.start();
  await pass(10_001);

  expect(ask).toHaveBeenCalledTimes(3);
  expect(listener.unanswered.mock.calls.map(([, times]) => times)).toEqual([1, 2, 3]);
});

test('an answer in between begins the count anew', async () => {
  ask.mockRejectedValueOnce(new errors.AppError('offline')).mockResolvedValueOnce(job({ poll_after_ms: 100 })).mockRejectedValue(new errors.AppError('offline'));

  poller.start();
  await pass(5200);

  expect(listener.unanswered.mock.calls.map(([, times]) => times)).toEqual([1, 1]);
});

test.each(['not_found', 'expired', 'forbidden'])('what is %s is lost, and asked for no more', async (code) => {
  ask.mockRejectedValue(new errors.AppError(code, { status: 404 }));

  poller.start();
  await pass(60_000);

  expect(ask).toHaveBeenCalledTimes(1);
  expect(listener.lost).toHaveBeenCalledTimes(1);
});

test('an answer that comes after the end is not told', async () => {
  let answer: (value: unknown) => void = () => {};
  ask.mockReturnValue(new Promise((resolve) => (answer = resolve)));
  poller.start();

  poller.stop();
  answer(job());
  await pass(10_000);

  expect(listener.heard).not.toHaveBeenCalled();
  expect(ask).toHaveBeenCalledTimes(1);
});

test('it never asks twice at the same time', async () => {
  ask.mockReturnValue(new Promise(() => {}));
  poller.start();

  poller.pause();
  poller.resume();
  await pass(10_000);

  expect(ask).toHaveBeenCalledTimes(1);
});
