/** The card of a style. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { componentRenderer } from './render-component';

const render = componentRenderer('style-card', 'choose', 'more', 'broken');

const INK = { id: 'ink', name: 'Ink', thumb: '/ink.webp', own: false, status: 'ready' };

test('shows the name and the picture', () => {
  const view = render({ item: INK });

  expect(view.text).toBe('Ink');
  expect(view.findAll({ src: '/ink.webp' })).toHaveLength(1);
});

test.each([
  [{ status: 'preparing', own: true }, `${zh.style_own}, ${zh.style_preparing}`],
  [{ status: 'failed', own: true }, `${zh.style_own}, ${zh.style_failed}`],
])('the label of %j states the origin and the status', (change, states) => {
  expect(render({ item: { ...INK, ...change } }).buttonLabels[0]).toBe(`Ink, ${states}`);
});

test('reports a tap, a tap on the dots, and a picture that failed to load', async () => {
  const view = render({ item: INK });

  await view.button('Ink').tap();
  await view.button(`${zh.style_more} Ink`).tap();
  await view.failImage('/ink.webp');

  expect(view.events).toEqual([
    ['choose', { id: 'ink' }],
    ['more', { id: 'ink' }],
    ['broken', { id: 'ink' }],
  ]);
});

test('a long press opens the details and does not choose', async () => {
  jest.useFakeTimers();
  const view = render({ item: INK });

  await view.button('Ink').longPress();
  jest.useRealTimers();

  expect(view.events).toEqual([['more', { id: 'ink' }]]);
});

test('uses the current language', () => {
  const view = render({ item: { ...INK, status: 'failed' } });

  setLanguage('en');

  expect(view.text).toContain(en.style_failed);
});
