/** Submitting a request. */
import type { JobState } from '../../src/jobs/job-state';
import { isLongWait, jobPageUrl } from '../../src/pages/create/submission';
import type { Stylization } from '../../src/services/stylizations';

const queued = (eta_s: number | null): JobState => ({ kind: 'queued', job: { eta_s } as Stylization, offline: false });

test('a wait of more than twenty seconds is long', () => {
  expect([5, 20, 21, 300].map((seconds) => isLongWait(queued(seconds)))).toEqual([false, false, true, true]);
});

test('a wait that is unknown or over is not long', () => {
  expect(isLongWait(queued(null))).toBe(false);
  expect(isLongWait({ kind: 'uploading', share: 0.5, offline: false })).toBe(false);
  expect(isLongWait({ kind: 'done', job: { eta_s: 60 } as Stylization, offline: false })).toBe(false);
});

test('the job page receives the encoded path of the photo', () => {
  expect(jobPageUrl('wxfile://tmp/a?b&c')).toBe('/pages/job/job?photo=wxfile%3A%2F%2Ftmp%2Fa%3Fb%26c');
});
