/** The way through the kiln. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { shower } from './render-component';

const show = shower('job-progress');

test('fills one chip after the other', async () => {
  const shown = show({ stage: 'dry', share: 0.5 });
  expect(shown.inlaid('chip')).toEqual([1, 0.5, 0, 0, 0]);

  await shown.set({ stage: 'polish', share: 0.25 });

  expect(shown.inlaid('chip')).toEqual([1, 1, 1, 0.25, 0]);
});

test('says the step as the craft calls it with the plain word beside it, and what the page knows', () => {
  const { words } = show({ stage: 'fire', share: 0.5, text: 'About 20 s', detail: 'You may leave' }).part({ 'aria-live': 'polite' });

  expect(words).toBe(`${zh.stage_render}${zh.stage_text_render}About 20 sYou may leave`);
});

test('tells those who hear it how far the whole is', () => {
  expect(show({ stage: 'fire', share: 0.5 }).part({ 'aria-role': 'progressbar' }).attributes).toMatchObject({
    'aria-label': zh.stage_text_render,
    'aria-valuemin': 0,
    'aria-valuemax': 100,
    'aria-valuenow': 50,
  });
});

test('names its steps in the language that is chosen', () => {
  const shown = show({ stage: 'fire' });

  setLanguage('en');

  expect(shown.part({ 'aria-role': 'progressbar' }).words).toBe(`${en.stage_upload}${en.stage_queue}${en.stage_render}${en.stage_polish}${en.stage_done}`);
  expect(shown.part({ 'aria-live': 'polite' }).words).toContain(en.stage_text_render);
});
