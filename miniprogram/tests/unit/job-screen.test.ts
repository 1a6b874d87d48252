/** What the job page shows in each state. */
import { texts } from '../../src/i18n/zh/index';
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
  stage: null,
  progress: 1,
  tau: 0.8,
  title: null,
  favourite: false,
  keep_color: false,
  brush: 'medium',
  created_at: '2026-03-01T08:00:00Z',
  finished_at: '2026-03-01T08:01:00Z',
  style: { id: 'clay', name: { zh: '黑陶', en: 'Black pottery' } },
  content: { id: 'pic_1', url: 'https://example.com/photo', thumb_url: '', width: 800, height: 600 },
  result: { url: 'https://example.com/result', thumb_url: '', width: 800, height: 600 },
} as unknown as Stylization;

const failed = (code: string, of: Stylization | null, retryable = true): JobState => ({
  kind: 'failed', code, message: '', retryable, retryAfterS: null, job: of, offline: false,
});

const text = (key: string, params?: Record<string, string | number>) =>
  interpolate((texts.job as Record<string, string>)[key] ?? key, params ?? {});
const formatters = { text, percent: (share: number) => Math.round(share * 100), duration: (count: number) => `${count} 秒` };
const progress = (state: JobState) => progressOf(state, formatters);

test('an idle state shows the loading screen if a job is expected, otherwise the empty screen', () => {
  expect(screenOf({ kind: 'idle', offline: false }, true)).toBe('loading');
  expect(screenOf({ kind: 'idle', offline: false }, false)).toBe('none');
});

test('a finished work is shown until its picture has been deleted', () => {
  expect(screenOf({ kind: 'done', job, offline: false }, true)).toBe('done');
  expect(screenOf({ kind: 'done', job: { ...job, result: null }, offline: false }, true)).toBe('expired');
});

test('distinguishes a failed job, a missing one and one that could not be loaded', () => {
  expect(screenOf(failed('out_of_memory', job), true)).toBe('failed');
  expect(screenOf(failed('not_found', null), true)).toBe('missing');
  expect(screenOf(failed('offline', null), true)).toBe('unreachable');
});

test('a failed upload is a failed job', () => {
  expect(screenOf(failed('queue_full', null), false)).toBe('failed');
});

test('a retry needs the photo', () => {
  expect(canRetry(failed('timed_out', job))).toBe(true);
  expect(canRetry(failed('timed_out', { ...job, content: null }))).toBe(false);
  expect(canRetry(failed('unsupported_image', job, false))).toBe(false);
});

test('the upload shows a percentage, then that it was received', () => {
  expect(progress({ kind: 'uploading', share: 0.42, offline: false })).toMatchObject({ stage: 'upload', text: '已上传 42%' });
  expect(progress({ kind: 'uploading', share: 1, offline: false })?.text).toBe('收到照片，正在登记');
});

test('the queue shows the number of jobs ahead, and the time if known', () => {
  const queued = (position: number, eta_s: number | null): JobState => ({ kind: 'queued', job: { ...job, status: 'queued', stage: 'queued', progress: 0, position, eta_s }, offline: false });

  expect(progress(queued(4, 20))).toMatchObject({ stage: 'queued', text: '前面还有 3 件', detail: '大约还要 20 秒' });
  expect(progress(queued(1, null))).toMatchObject({ text: '下一件就是你的', detail: '' });
});

const running = (changes: Partial<Stylization>): JobState => ({ kind: 'running', job: { ...job, status: 'running', position: 0, ...changes }, offline: false });

test.each(['loading', 'painting', 'storing'] as const)('a running job shows the stage %s, its progress and the time left', (stage) => {
  expect(progress(running({ stage, progress: 0.42, eta_s: 12 }))).toEqual({ stage, share: 0.42, text: '已完成 42%', detail: '大约还要 12 秒' });
});

test('a running job without a measured pace shows no percentage', () => {
  expect(progress(running({ stage: 'painting', progress: null }))).toEqual({ stage: 'painting', share: null, text: '', detail: '' });
});

test('a running job whose worker reports no stage is running', () => {
  expect(progress(running({ stage: null, progress: 0.1 }))).toMatchObject({ stage: 'running', share: 0.1 });
});

test('there is no progress after the end', () => {
  expect(progress({ kind: 'done', job, offline: false })).toBeNull();
});

test('a work without a title is named after its style', () => {
  const view = (work: Stylization) => workViewOf(work, { localized: ({ zh }) => zh, dateText: (iso) => iso.slice(0, 10), text, untitled: (style) => `${style}作品` });

  expect(view(job)).toMatchObject({ title: '黑陶作品', hasTitle: false, details: '黑陶 · 强度 0.8 · 2026-03-01', colourNote: '', canRerun: true });
  expect(view({ ...job, title: '雪后', keep_color: true, content: null })).toMatchObject({
    title: '雪后',
    hasTitle: true,
    colourNote: '保留了照片的颜色',
    canRerun: false,
  });
});
