/** The slider. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { FRAME, componentRenderer, vibrateShort } from './render-component';

const render = componentRenderer('value-slider', 'changing', 'change');

const STRENGTH = { value: 0.8, min: 0, max: 1.5, step: 0.05 };
const at = (share: number, y = 0) => ({ x: FRAME.left + FRAME.width * share, y });

beforeEach(() => vibrateShort.mockClear());

test('exposes label, range and value to screen readers', () => {
  const { attributes } = render({ ...STRENGTH, label: 'Strength of ink', text: 'full' }).find({ 'aria-role': 'slider' });

  expect(attributes).toMatchObject({
    'aria-label': 'Strength of ink',
    'aria-valuemin': 0,
    'aria-valuemax': 1.5,
    'aria-valuenow': 0.8,
    'aria-valuetext': 'full 0.8',
  });
});

test('has a default label in the current language', async () => {
  const view = render(STRENGTH);
  expect(view.text).toContain(zh.strength);

  setLanguage('en');

  expect(view.find({ 'aria-role': 'slider' }).attributes['aria-label']).toBe(en.strength);
});

test('fills the marks up to the value', () => {
  expect(render(STRENGTH).shares('mark__diamond')).toEqual([1, 1, 0]);
});

test('reports each value during a drag, and the last one at the end', async () => {
  const view = render(STRENGTH);

  await view.find({ 'aria-role': 'slider' }).drag(at(0.5), at(0.6), at(0.7));

  expect(view.events).toEqual([
    ['changing', { value: 0.9 }],
    ['changing', { value: 1.05 }],
    ['change', { value: 1.05 }],
  ]);
  expect(view.find({ 'aria-role': 'slider' }).attributes['aria-valuenow']).toBe(1.05);
});

test('jumps to the position of a tap', async () => {
  const view = render(STRENGTH);

  await view.find({ 'aria-role': 'slider' }).tap(at(0.2));

  expect(view.events).toEqual([['change', { value: 0.3 }]]);
});

test('ignores a vertical drag', async () => {
  const view = render(STRENGTH);

  await view.find({ 'aria-role': 'slider' }).drag(at(0.2), at(0.21, 120));

  expect(view.events).toEqual([]);
});

test('vibrates once when it passes a mark', async () => {
  const slider = render({ ...STRENGTH, value: 0.6 }).find({ 'aria-role': 'slider' });

  await slider.drag(at(0.4), at(0.5), at(0.6));
  expect(vibrateShort).not.toHaveBeenCalled();
  await slider.drag(at(0.6), at(0.7));

  expect(vibrateShort).toHaveBeenCalledTimes(1);
});

test('shows the value in a bubble during a drag', async () => {
  const view = render(STRENGTH);
  const slider = view.find({ 'aria-role': 'slider' });
  const bubbles = () => view.findAll({ class: 'bubble' }).map(({ text }) => text);

  await slider.touch('touchstart', at(0.5));
  await slider.touch('touchmove', at(0.6));
  expect(bubbles()).toEqual(['0.9']);
  await slider.touch('touchend', at(0.6));

  expect(bubbles()).toEqual([]);
});

test('accepts a value from the page, except during a drag', async () => {
  const view = render(STRENGTH);
  const slider = view.find({ 'aria-role': 'slider' });
  await slider.touch('touchstart', at(0.5));
  await slider.touch('touchmove', at(0.6));
  await view.setProperties({ value: 0.1 });
  expect(slider.attributes['aria-valuenow']).toBe(0.9);
  await slider.touch('touchend', at(0.6));

  await view.setProperties({ value: 0.2 });

  expect(slider.attributes['aria-valuenow']).toBe(0.2);
});

test('a compact slider shows the text in place of the number', () => {
  const view = render({ ...STRENGTH, compact: true, label: 'Colour', text: '80 %' });

  expect(view.text).toBe('Colour80 %');
  expect(view.find({ 'aria-role': 'slider' }).attributes['aria-valuetext']).toBe('80 %');
});
