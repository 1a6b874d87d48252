/** The card of a work. */
import { workCardOf } from '../../src/pages/works/cards';
import type { Stylization } from '../../src/services/stylizations';

const inChinese = (text: { zh: string; en: string }) => text.zh;
const day = (iso: string) => iso.slice(0, 10);

const work = {
  id: 'stl_1',
  status: 'done',
  tau: 0.8,
  title: null,
  favourite: true,
  created_at: '2026-03-01T08:00:00Z',
  style: { id: 'great-wave', name: { zh: '神奈川冲浪里', en: 'The Great Wave' } },
  content: { thumb_url: 'https://example.com/photo' },
  result: { thumb_url: 'https://example.com/result' },
} as Stylization;

test('a finished work shows its result', () => {
  expect(workCardOf(work, inChinese, day)).toEqual({
    id: 'stl_1',
    thumb: 'https://example.com/result',
    style: '神奈川冲浪里',
    tau: 0.8,
    date: '2026-03-01',
    favourite: true,
    status: 'done',
    title: '',
  });
});

test('an unfinished work shows its photo', () => {
  expect(workCardOf({ ...work, status: 'running', result: null }, inChinese, day).thumb).toBe('https://example.com/photo');
});

test('a work whose pictures were deleted still has a card', () => {
  expect(workCardOf({ ...work, result: null, content: null }, inChinese, day).thumb).toBe('');
});
