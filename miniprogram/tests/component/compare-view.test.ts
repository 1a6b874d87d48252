/** The comparison of before and after. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { FRAME, shower } from './render-component';

const show = shower('compare-view', 'move', 'broken', 'preview');

const PICTURES = { before: '/before.jpg', after: '/after.jpg', width: 400, height: 300 };
const at = (share: number, y = 0) => ({ x: FRAME.left + FRAME.width * share, y });

test('shows both pictures, the line in the middle', () => {
  const shown = show(PICTURES);

  expect(shown.part({ src: '/before.jpg' }).attributes.style).toBe('transform: translateX(50%)');
  expect(shown.part({ src: '/after.jpg' }).attributes['aria-label']).toBe(zh.compare_after);
  expect(shown.part({ 'aria-role': 'slider' }).attributes).toMatchObject({ 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': 50 });
});

test('keeps the place of the pictures before they come', () => {
  const shown = show(PICTURES);

  expect(shown.part({ class: 'frame' }).attributes.style).toBe('padding-top: 75%');
  expect(shown.part({ class: 'stage' }).attributes.style).toBe('max-width: 746px');
});

test('begins where the page wants it', () => {
  expect(show({ ...PICTURES, position: 20 }).part({ 'aria-role': 'slider' }).attributes['aria-valuenow']).toBe(20);
});

test('the handle keeps its distance from the finger that draws it', async () => {
  const shown = show(PICTURES);

  await shown.part({ 'aria-role': 'slider' }).draw(at(0.53), at(0.33));

  expect(shown.heard).toEqual([['move', { position: 30 }]]);
});

test('a finger that goes sideways anywhere takes the line with it', async () => {
  const shown = show(PICTURES);

  await shown.button(zh.compare_open).draw(at(0.9), at(0.8));

  expect(shown.heard).toEqual([['move', { position: 80 }]]);
});

test('a finger that goes up or down scrolls the page only', async () => {
  const shown = show(PICTURES);

  await shown.button(zh.compare_open).draw(at(0.9), at(0.88, 200));

  expect(shown.heard).toEqual([]);
});

test('a tap on the picture asks for the large one', async () => {
  const shown = show(PICTURES);

  await shown.button(zh.compare_open).tap();

  expect(shown.heard.map(([name]) => name)).toEqual(['preview']);
});

test('says which picture does not come', async () => {
  const shown = show(PICTURES);

  await shown.breakPicture('/before.jpg');
  await shown.breakPicture('/after.jpg');

  expect(shown.heard).toEqual([
    ['broken', { which: 'before' }],
    ['broken', { which: 'after' }],
  ]);
});

test('carries the mark of AI where it is asked to', async () => {
  const shown = show(PICTURES);
  expect(shown.words).not.toContain(zh.ai_badge);

  await shown.set({ badge: true });

  expect(shown.words).toContain(zh.ai_badge);
});

test('the name of a picture fades when it is covered', async () => {
  const shown = show({ ...PICTURES, position: 5 });
  const faded = () => shown.all({}).filter(({ attributes }) => /label--covered/.test(String(attributes.class))).map(({ words }) => words);
  expect(faded()).toEqual([zh.compare_before]);

  await shown.set({ position: 50 });
  expect(faded()).toEqual([]);
  await shown.set({ position: 95 });

  expect(faded()).toEqual([zh.compare_after]);
});

test('speaks the language that is chosen', () => {
  const shown = show(PICTURES);

  setLanguage('en');

  expect(shown.words).toBe(`${en.compare_before}${en.compare_after}`);
  expect(shown.part({ 'aria-role': 'slider' }).attributes['aria-label']).toBe(en.compare_slider);
});
