/** What can become of a job. */
import { FakeWx, fresh, job } from './fake-wx';

type Machine = typeof import('../../src/jobs/job-state');
type Errors = typeof import('../../src/services/errors');

let machine: Machine;
let errors: Errors;

beforeEach(() => {
  new FakeWx().install();
  [machine, errors] = fresh(() => [require('../../src/jobs/job-state') as Machine, require('../../src/services/errors') as Errors]);
});

const uploading = { kind: 'uploading', share: 0.4, offline: false } as const;
const queued = () => machine.next(machine.IDLE, { kind: 'received', job: job() as never });

test('a start is an upload of nothing yet', () => {
  expect(machine.next(machine.IDLE, { kind: 'started' })).toEqual({ kind: 'uploading', share: 0, offline: false });
});

test.each([
  [0.6, 0.6],
  [0.1, 0.4],
  [1.7, 1],
])('after 40 per cent, an upload that tells %d shows %d', (told, shown) => {
  expect(machine.next(uploading, { kind: 'progressed', share: told })).toMatchObject({ share: shown });
});

test('progress that comes late changes nothing', () => {
  const state = queued();

  expect(machine.next(state, { kind: 'progressed', share: 1 })).toBe(state);
});

test.each(['queued', 'running', 'done', 'cancelled'])('what is heard as %s is shown so', (status) => {
  expect(machine.next(uploading, { kind: 'received', job: job({ status }) as never })).toMatchObject({ kind: status, job: { id: 'stl_1' } });
});

test('a failed job says why, in the words of the service', () => {
  const error = { code: 'render_failed', message: '处理失败', retryable: true };

  expect(machine.next(queued(), { kind: 'received', job: job({ status: 'failed', error }) as never })).toMatchObject({
    kind: 'failed', code: 'render_failed', message: '处理失败', retryable: true, job: { id: 'stl_1' },
  });
});

test('a refusal keeps its waiting time', () => {
  const error = new errors.AppError('queue_full', { status: 503, message: '已满', retryable: true, retryAfterS: 20 });

  expect(machine.next(uploading, { kind: 'rejected', error })).toMatchObject({ kind: 'failed', retryAfterS: 20, retryable: true, job: null });
});

test('what is called off is cancelled, not failed', () => {
  expect(machine.next(uploading, { kind: 'rejected', error: new errors.AppError('aborted') })).toMatchObject({ kind: 'cancelled' });
});

test('an error that nobody foresaw still has words', () => {
  const state = machine.next(uploading, { kind: 'rejected', error: new TypeError('undefined is not a function') });

  expect(state).toMatchObject({ kind: 'failed', code: 'server_error', message: '服务器出了点问题，请稍后再试。' });
});

test('without a network what was last heard stays, marked', () => {
  expect(machine.next(queued(), { kind: 'unreachable' })).toMatchObject({ kind: 'queued', offline: true });
});

test('an answer takes the mark away', () => {
  const cut = machine.next(queued(), { kind: 'unreachable' });

  expect(machine.next(cut, { kind: 'received', job: job({ status: 'running' }) as never })).toMatchObject({ kind: 'running', offline: false });
});

test('what has ended does not become unreachable', () => {
  const done = machine.next(queued(), { kind: 'received', job: job({ status: 'done' }) as never });

  expect(machine.next(done, { kind: 'unreachable' })).toBe(done);
});

test.each([
  ['offline', true],
  ['timeout', true],
  ['interrupted', true],
  ['queue_full', false],
  ['unsupported_image', false],
])('an upload that ended by %s is cut off: %s', (code, expected) => {
  expect(machine.isCutOff(machine.next(uploading, { kind: 'rejected', error: new errors.AppError(code) }))).toBe(expected);
});

test('what is cleared is idle', () => {
  expect(machine.next(queued(), { kind: 'cleared' })).toEqual(machine.IDLE);
});
