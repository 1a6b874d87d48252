/** The comparison of two pictures. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { FRAME, componentRenderer } from './render-component';

const render = componentRenderer('compare-view', 'move', 'broken', 'preview');

const PICTURES = { before: '/before.jpg', after: '/after.jpg', width: 400, height: 300 };
const at = (share: number, y = 0) => ({ x: FRAME.left + FRAME.width * share, y });

test('shows both pictures, with the line in the middle', () => {
  const view = render(PICTURES);

  expect(view.find({ src: '/before.jpg' }).attributes.style).toBe('transform: translateX(50%)');
  expect(view.find({ src: '/after.jpg' }).attributes['aria-label']).toBe(zh.compare_after);
  expect(view.find({ 'aria-role': 'slider' }).attributes).toMatchObject({ 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': 50 });
});

test('reserves the space of the pictures before they load', () => {
  const view = render(PICTURES);

  expect(view.find({ class: 'frame' }).attributes.style).toBe('padding-top: 75%');
  expect(view.find({ class: 'stage' }).attributes.style).toBe('max-width: 746px');
});

test('starts at the position that the page sets', () => {
  expect(render({ ...PICTURES, position: 20 }).find({ 'aria-role': 'slider' }).attributes['aria-valuenow']).toBe(20);
});

test('the handle keeps its distance from the finger', async () => {
  const view = render(PICTURES);

  await view.find({ 'aria-role': 'slider' }).drag(at(0.53), at(0.33));

  expect(view.events).toEqual([['move', { position: 30 }]]);
});

test('a horizontal drag anywhere moves the line', async () => {
  const view = render(PICTURES);

  await view.button(zh.compare_open).drag(at(0.9), at(0.8));

  expect(view.events).toEqual([['move', { position: 80 }]]);
});

test('a vertical drag does not move the line', async () => {
  const view = render(PICTURES);

  await view.button(zh.compare_open).drag(at(0.9), at(0.88, 200));

  expect(view.events).toEqual([]);
});

test('a tap on the picture requests the preview', async () => {
  const view = render(PICTURES);

  await view.button(zh.compare_open).tap();

  expect(view.events.map(([name]) => name)).toEqual(['preview']);
});

test('reports which picture failed to load', async () => {
  const view = render(PICTURES);

  await view.failImage('/before.jpg');
  await view.failImage('/after.jpg');

  expect(view.events).toEqual([
    ['broken', { which: 'before' }],
    ['broken', { which: 'after' }],
  ]);
});

test('shows the AI badge if requested', async () => {
  const view = render(PICTURES);
  expect(view.text).not.toContain(zh.ai_badge);

  await view.setProperties({ badge: true });

  expect(view.text).toContain(zh.ai_badge);
});

test('hides the label of a picture that is covered', async () => {
  const view = render({ ...PICTURES, position: 5 });
  const coveredLabels = () => view.findAll({}).filter(({ attributes }) => /label--covered/.test(String(attributes.class))).map(({ text }) => text);
  expect(coveredLabels()).toEqual([zh.compare_before]);

  await view.setProperties({ position: 50 });
  expect(coveredLabels()).toEqual([]);
  await view.setProperties({ position: 95 });

  expect(coveredLabels()).toEqual([zh.compare_after]);
});

test('uses the current language', () => {
  const view = render(PICTURES);

  setLanguage('en');

  expect(view.text).toBe(`${en.compare_before}${en.compare_after}`);
  expect(view.find({ 'aria-role': 'slider' }).attributes['aria-label']).toBe(en.compare_slider);
});
