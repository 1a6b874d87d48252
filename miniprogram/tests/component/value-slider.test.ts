/** The slider for the strength of a style. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { FRAME, shower, vibrateShort } from './render-component';

const show = shower('value-slider', 'changing', 'change');

const TAU = { value: 0.8, min: 0, max: 1.5, step: 0.05 };
const at = (share: number, y = 0) => ({ x: FRAME.left + FRAME.width * share, y });

beforeEach(() => vibrateShort.mockClear());

test('says what it is, between what it moves, and where it stands', () => {
  const { attributes } = show({ ...TAU, label: 'Strength of ink', text: 'full' }).part({ 'aria-role': 'slider' });

  expect(attributes).toMatchObject({
    'aria-label': 'Strength of ink',
    'aria-valuemin': 0,
    'aria-valuemax': 1.5,
    'aria-valuenow': 0.8,
    'aria-valuetext': 'full 0.8',
  });
});

test('has a name of its own where the page gives none, in the language that is chosen', async () => {
  const shown = show(TAU);
  expect(shown.words).toContain(zh.strength);

  setLanguage('en');

  expect(shown.part({ 'aria-role': 'slider' }).attributes['aria-label']).toBe(en.strength);
});

test('inlays the marks up to its value', () => {
  expect(show(TAU).inlaid('chip')).toEqual([1, 1, 0]);
});

test('tells each value that a finger draws through, and at the end the last one', async () => {
  const shown = show(TAU);

  await shown.part({ 'aria-role': 'slider' }).draw(at(0.5), at(0.6), at(0.7));

  expect(shown.heard).toEqual([
    ['changing', { value: 0.9 }],
    ['changing', { value: 1.05 }],
    ['change', { value: 1.05 }],
  ]);
  expect(shown.part({ 'aria-role': 'slider' }).attributes['aria-valuenow']).toBe(1.05);
});

test('jumps to where it is tapped', async () => {
  const shown = show(TAU);

  await shown.part({ 'aria-role': 'slider' }).tap(at(0.2));

  expect(shown.heard).toEqual([['change', { value: 0.3 }]]);
});

test('stays where it is under a finger that goes up or down', async () => {
  const shown = show(TAU);

  await shown.part({ 'aria-role': 'slider' }).draw(at(0.2), at(0.21, 120));

  expect(shown.heard).toEqual([]);
});

test('ticks once when a mark is passed, and not between marks', async () => {
  const slider = show({ ...TAU, value: 0.6 }).part({ 'aria-role': 'slider' });

  await slider.draw(at(0.4), at(0.5), at(0.6));
  expect(vibrateShort).not.toHaveBeenCalled();
  await slider.draw(at(0.6), at(0.7));

  expect(vibrateShort).toHaveBeenCalledTimes(1);
});

test('shows its value above the finger as long as it draws', async () => {
  const shown = show(TAU);
  const slider = shown.part({ 'aria-role': 'slider' });
  const bubbles = () => shown.all({ class: 'bubble' }).map(({ words }) => words);

  await slider.finger('touchstart', at(0.5));
  await slider.finger('touchmove', at(0.6));
  expect(bubbles()).toEqual(['0.9']);
  await slider.finger('touchend', at(0.6));

  expect(bubbles()).toEqual([]);
});

test('takes another value from the page, but not under the finger', async () => {
  const shown = show(TAU);
  const slider = shown.part({ 'aria-role': 'slider' });
  await slider.finger('touchstart', at(0.5));
  await slider.finger('touchmove', at(0.6));
  await shown.set({ value: 0.1 });
  expect(slider.attributes['aria-valuenow']).toBe(0.9);
  await slider.finger('touchend', at(0.6));

  await shown.set({ value: 0.2 });

  expect(slider.attributes['aria-valuenow']).toBe(0.2);
});

test('where there are several, shows the words of the page in place of the number', () => {
  expect(show({ ...TAU, compact: true, label: 'Colour', text: '80 %' }).words).toBe('Colour80 %');
});
