/** The sheet that comes up from below. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { shower } from './render-component';

const LEAVING_MS = 160;

const show = shower('bottom-sheet', 'close');

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('is not there until it is opened', async () => {
  const shown = show({ title: 'Filter' });
  expect(shown.words).toBe('');

  await shown.set({ open: true });

  expect(shown.part({ 'aria-role': 'dialog' }).attributes).toMatchObject({ 'aria-label': 'Filter', 'aria-modal': 'true' });
});

test('slides out before it goes', async () => {
  const shown = show({ open: true, title: 'Filter' });
  await shown.set({ open: false });
  jest.advanceTimersByTime(LEAVING_MS - 1);
  expect(shown.all({ 'aria-role': 'dialog' })).toHaveLength(1);

  jest.advanceTimersByTime(1);

  expect(shown.all({ 'aria-role': 'dialog' })).toHaveLength(0);
});

test('opened again on its way out, it stays', async () => {
  const shown = show({ open: true, title: 'Filter' });
  await shown.set({ open: false });
  await shown.set({ open: true });

  jest.advanceTimersByTime(LEAVING_MS * 2);

  expect(shown.all({ 'aria-role': 'dialog' })).toHaveLength(1);
});

test('its cross and the page behind it ask to close', async () => {
  const shown = show({ open: true, title: 'Filter' });

  await shown.button(zh.close).tap();
  await shown.part({ class: 'mask' }).tap();

  expect(shown.heard.map(([name]) => name)).toEqual(['close', 'close']);
});

test('its cross is named in the language that is chosen', () => {
  const shown = show({ open: true, title: 'Filter' });

  setLanguage('en');

  expect(shown.labels).toEqual([en.close]);
});
