/** The progress of a job. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { componentRenderer } from './render-component';

const render = componentRenderer('job-progress');

test('fills one mark after the other', async () => {
  const view = render({ stage: 'queue', share: 0.5 });
  expect(view.shares('mark')).toEqual([1, 0.5, 0, 0]);

  await view.setProperties({ stage: 'render', share: 0.25 });

  expect(view.shares('mark')).toEqual([1, 1, 0.25, 0]);
});

test('shows the name and the description of the stage, and the texts of the page', () => {
  const { text } = render({ stage: 'render', share: 0.5, text: 'About 20 s', detail: 'You may leave' }).find({ 'aria-live': 'polite' });

  expect(text).toBe(`${zh.stage_render}${zh.stage_text_render}About 20 sYou may leave`);
});

test('reports the total progress to screen readers', () => {
  expect(render({ stage: 'render', share: 0.5 }).find({ 'aria-role': 'progressbar' }).attributes).toMatchObject({
    'aria-label': zh.stage_text_render,
    'aria-valuemin': 0,
    'aria-valuemax': 100,
    'aria-valuenow': 63,
  });
});

test('names the stages in the current language', () => {
  const view = render({ stage: 'render' });

  setLanguage('en');

  expect(view.find({ 'aria-role': 'progressbar' }).text).toBe(`${en.stage_upload}${en.stage_queue}${en.stage_render}${en.stage_done}`);
  expect(view.find({ 'aria-live': 'polite' }).text).toContain(en.stage_text_render);
});
