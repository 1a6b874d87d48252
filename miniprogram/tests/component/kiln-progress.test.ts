/** The way through the kiln. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { shower } from './load';

const show = shower('kiln-progress');

test('fills one chip after the other', async () => {
  const shown = show({ stage: 'dry', share: 0.5 });
  expect(shown.inlaid('chip')).toEqual([1, 0.5, 0, 0, 0]);

  await shown.set({ stage: 'polish', share: 0.25 });

  expect(shown.inlaid('chip')).toEqual([1, 1, 1, 0.25, 0]);
});

test('says the step as the craft calls it with the plain word beside it, and what the page knows', () => {
  const { words } = show({ stage: 'fire', share: 0.5, text: 'About 20 s', detail: 'You may leave' }).part({ 'aria-live': 'polite' });

  expect(words).toBe(`${zh.stage_fire}${zh.plain_fire}About 20 sYou may leave`);
});

test('tells those who hear it how far the whole is', () => {
  expect(show({ stage: 'fire', share: 0.5 }).part({ 'aria-role': 'progressbar' }).attributes).toMatchObject({
    'aria-label': zh.plain_fire,
    'aria-valuemin': 0,
    'aria-valuemax': 100,
    'aria-valuenow': 50,
  });
});

test('names its steps in the language that is chosen', () => {
  const shown = show({ stage: 'fire' });

  setLanguage('en');

  expect(shown.part({ 'aria-role': 'progressbar' }).words).toBe(`${en.stage_knead}${en.stage_dry}${en.stage_fire}${en.stage_polish}${en.stage_out}`);
  expect(shown.part({ 'aria-live': 'polite' }).words).toContain(en.plain_fire);
});
