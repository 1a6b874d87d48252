/** The card of one style. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { shower } from './render-component';

const show = shower('style-card', 'choose', 'more', 'broken');

const INK = { id: 'ink', name: 'Ink', thumb: '/ink.webp', credit: 'After Mi Fu', own: false, state: 'ready' };

test('shows the style with its credit', () => {
  const shown = show({ item: INK });

  expect(shown.words).toBe('InkAfter Mi Fu');
  expect(shown.all({ src: '/ink.webp' })).toHaveLength(1);
});

test.each([
  [{ state: 'preparing', own: true }, `${zh.style_own}, ${zh.style_preparing}`],
  [{ state: 'failed', own: true }, `${zh.style_own}, ${zh.style_failed}`],
])('of %j says so', (change, said) => {
  expect(show({ item: { ...INK, ...change } }).labels[0]).toBe(`Ink, ${said}`);
});

test('is inlaid when it is chosen', async () => {
  const shown = show({ item: INK });
  expect(shown.inlaid('diamond')).toEqual([]);

  await shown.set({ chosen: true });

  expect(shown.inlaid('diamond')).toEqual([1]);
  expect(shown.labels[0]).toBe(`Ink, ${zh.chosen}`);
});

test('is chosen by a tap, read about by its dots, and says when its picture does not come', async () => {
  const shown = show({ item: INK });

  await shown.button('Ink').tap();
  await shown.button(`${zh.style_more} Ink`).tap();
  await shown.breakPicture('/ink.webp');

  expect(shown.heard).toEqual([
    ['choose', { id: 'ink' }],
    ['more', { id: 'ink' }],
    ['broken', { id: 'ink' }],
  ]);
});

test('is read about by a long press, which chooses nothing', async () => {
  jest.useFakeTimers();
  const shown = show({ item: INK });

  await shown.button('Ink').longPress();
  jest.useRealTimers();

  expect(shown.heard).toEqual([['more', { id: 'ink' }]]);
});

test('speaks the language that is chosen', () => {
  const shown = show({ item: { ...INK, state: 'failed' } });

  setLanguage('en');

  expect(shown.words).toContain(en.style_failed);
});
