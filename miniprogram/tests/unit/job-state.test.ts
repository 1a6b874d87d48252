/** The states of a job. */
import { FakeWx, fresh, job } from './fake-wx';

type JobStateModule = typeof import('../../src/jobs/job-state');
type Errors = typeof import('../../src/services/errors');

let jobState: JobStateModule;
let errors: Errors;

beforeEach(() => {
  new FakeWx().install();
  [jobState, errors] = fresh(() => [require('../../src/jobs/job-state') as JobStateModule, require('../../src/services/errors') as Errors]);
});

const uploading = { kind: 'uploading', share: 0.4, offline: false } as const;
const queued = () => jobState.nextState(jobState.IDLE, { kind: 'received', job: job() as never });

test('a start is an upload with no progress', () => {
  expect(jobState.nextState(jobState.IDLE, { kind: 'started' })).toEqual({ kind: 'uploading', share: 0, offline: false });
});

test.each([
  [0.6, 0.6],
  [0.1, 0.4],
  [1.7, 1],
])('after 40%, an upload that reports %d shows %d', (reported, shown) => {
  expect(jobState.nextState(uploading, { kind: 'progressed', share: reported })).toMatchObject({ share: shown });
});

test('late progress is ignored', () => {
  const state = queued();

  expect(jobState.nextState(state, { kind: 'progressed', share: 1 })).toBe(state);
});

test.each(['queued', 'running', 'done', 'cancelled'])('a received job with status %s has that state', (status) => {
  expect(jobState.nextState(uploading, { kind: 'received', job: job({ status }) as never })).toMatchObject({ kind: status, job: { id: 'stl_1' } });
});

test('a failed job has the message of the service', () => {
  const error = { code: 'render_failed', message: '处理失败', retryable: true };

  expect(jobState.nextState(queued(), { kind: 'received', job: job({ status: 'failed', error }) as never })).toMatchObject({
    kind: 'failed', code: 'render_failed', message: '处理失败', retryable: true, job: { id: 'stl_1' },
  });
});

test('a rejection keeps its retry time', () => {
  const error = new errors.AppError('queue_full', { status: 503, message: '已满', retryable: true, retryAfterS: 20 });

  expect(jobState.nextState(uploading, { kind: 'rejected', error })).toMatchObject({ kind: 'failed', retryAfterS: 20, retryable: true, job: null });
});

test('an aborted upload is cancelled, not failed', () => {
  expect(jobState.nextState(uploading, { kind: 'rejected', error: new errors.AppError('aborted') })).toMatchObject({ kind: 'cancelled' });
});

test('an unexpected error has a message', () => {
  const state = jobState.nextState(uploading, { kind: 'rejected', error: new TypeError('undefined is not a function') });

  expect(state).toMatchObject({ kind: 'failed', code: 'server_error', message: '服务器出了点问题，请稍后再试。' });
});

test('an unreachable service keeps the last state and marks it offline', () => {
  expect(jobState.nextState(queued(), { kind: 'unreachable' })).toMatchObject({ kind: 'queued', offline: true });
});

test('a response clears the offline mark', () => {
  const cut = jobState.nextState(queued(), { kind: 'unreachable' });

  expect(jobState.nextState(cut, { kind: 'received', job: job({ status: 'running' }) as never })).toMatchObject({ kind: 'running', offline: false });
});

test('an ended job does not become offline', () => {
  const done = jobState.nextState(queued(), { kind: 'received', job: job({ status: 'done' }) as never });

  expect(jobState.nextState(done, { kind: 'unreachable' })).toBe(done);
});

test.each([
  ['offline', true],
  ['timeout', true],
  ['interrupted', true],
  ['queue_full', false],
  ['unsupported_image', false],
])('an upload that failed with %s is cut off: %s', (code, expected) => {
  expect(jobState.isCutOff(jobState.nextState(uploading, { kind: 'rejected', error: new errors.AppError(code) }))).toBe(expected);
});

test('a cleared job is idle', () => {
  expect(jobState.nextState(queued(), { kind: 'cleared' })).toEqual(jobState.IDLE);
});
