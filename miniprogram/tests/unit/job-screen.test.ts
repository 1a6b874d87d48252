/** What the page of a work shows of it, from the upload to the day it is forgotten. */
import { words } from '../../src/i18n/zh/index';
import { interpolate } from '../../src/i18n/index';
import type { JobState } from '../../src/jobs/job-state';
import { canRetry, screenOf } from '../../src/pages/job/screen';
import { progressOf } from '../../src/pages/job/progress';
import { workViewOf } from '../../src/pages/job/work-view';
import type { Stylization } from '../../src/services/stylizations';

const job = {
  id: 'stl_1',
  status: 'done',
  position: null,
  eta_s: null,
  progress: 0,
  tau: 0.8,
  title: null,
  favourite: false,
  keep_color: false,
  created_at: '2026-03-01T08:00:00Z',
  finished_at: '2026-03-01T08:01:00Z',
  style: { id: 'clay', name: { zh: '黑陶', en: 'Black pottery' } },
  content: { id: 'pic_1', url: 'https://example.com/photo', thumb_url: '', width: 800, height: 600 },
  result: { url: 'https://example.com/result', thumb_url: '', width: 800, height: 600 },
} as unknown as Stylization;

const failed = (code: string, of: Stylization | null, retryable = true): JobState => ({
  kind: 'failed', code, message: '', retryable, retryAfterS: null, job: of, offline: false,
});

const say = (key: string, params?: Record<string, string | number>) =>
  interpolate((words.job as Record<string, string>)[key] ?? key, params ?? {});
const speaker = { say, percent: (share: number) => Math.round(share * 100), seconds: (count: number) => `${count} 秒` };
const told = (state: JobState) => progressOf(state, speaker);

test('nothing is known at first: it loads where a work is expected, else the kiln is empty', () => {
  expect(screenOf({ kind: 'idle', offline: false }, true)).toBe('loading');
  expect(screenOf({ kind: 'idle', offline: false }, false)).toBe('none');
});

test('a finished work shows until its picture is forgotten', () => {
  expect(screenOf({ kind: 'done', job, offline: false }, true)).toBe('done');
  expect(screenOf({ kind: 'done', job: { ...job, result: null }, offline: false }, true)).toBe('expired');
});

test('a work that failed is told from one that is unknown and from one that could not be asked for', () => {
  expect(screenOf(failed('out_of_memory', job), true)).toBe('failed');
  expect(screenOf(failed('not_found', null), true)).toBe('missing');
  expect(screenOf(failed('offline', null), true)).toBe('unreached');
});

test('an upload that failed is a failure, not a work that could not be asked for', () => {
  expect(screenOf(failed('queue_full', null), false)).toBe('failed');
});

test('a second try needs the photograph', () => {
  expect(canRetry(failed('timed_out', job))).toBe(true);
  expect(canRetry(failed('timed_out', { ...job, content: null }))).toBe(false);
  expect(canRetry(failed('unsupported_image', job, false))).toBe(false);
});

test('the upload is told in per cent, then as received', () => {
  expect(told({ kind: 'uploading', share: 0.42, offline: false })).toMatchObject({ stage: 'knead', text: '已上传 42%' });
  expect(told({ kind: 'uploading', share: 1, offline: false })?.text).toBe('收到照片，正在登记');
});

test('the queue is told by how many are in front, and by the time where it is known', () => {
  const queued = (position: number, eta_s: number | null): JobState => ({ kind: 'queued', job: { ...job, position, eta_s }, offline: false });

  expect(told(queued(4, 20))).toMatchObject({ stage: 'dry', text: '前面还有 3 件', detail: '大约还要 20 秒' });
  expect(told(queued(1, null))).toMatchObject({ text: '下一件就是你的', detail: '' });
});

test('the last tenth is the polish', () => {
  const running = (progress: number): JobState => ({ kind: 'running', job: { ...job, progress }, offline: false });

  expect(told(running(0.5))).toMatchObject({ stage: 'fire', text: '已完成 50%' });
  expect(told(running(0.95))?.stage).toBe('polish');
});

test('nothing is told of the way once it has ended', () => {
  expect(told({ kind: 'done', job, offline: false })).toBeNull();
});

test('a work without a name is called by its style', () => {
  const view = (work: Stylization) => workViewOf(work, { localized: ({ zh }) => zh, dateOf: (iso) => iso.slice(0, 10), say });

  expect(view(job)).toMatchObject({ title: '黑陶作品', named: false, facts: '黑陶 · 强度 0.8 · 2026-03-01', colour: '', again: true });
  expect(view({ ...job, title: '雪后', keep_color: true, content: null })).toMatchObject({
    title: '雪后',
    named: true,
    colour: '保留了照片的颜色',
    again: false,
  });
});
