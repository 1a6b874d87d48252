/** The progress of a job. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { componentRenderer } from './render-component';

const render = componentRenderer('job-progress');

test('fills one mark after the other', async () => {
  const view = render({ stage: 'queued', share: 0.5 });
  expect(view.shares('diamond')).toEqual([1, 0.5, 0, 0]);

  await view.setProperties({ stage: 'painting', share: 0.25 });

  expect(view.shares('diamond')).toEqual([1, 1, 0.25, 0]);
});

test('an unknown share is marked, and the mark is empty', async () => {
  const view = render({ stage: 'painting', share: null });
  const unknown = () => view.findAll({ class: 'mark mark--reached mark--current mark--unknown' }).map(({ text }) => text);
  expect(view.shares('diamond')).toEqual([1, 1, 0, 0]);
  expect(unknown()).toEqual([zh.stage_render]);

  await view.setProperties({ share: 0.1 });

  expect(unknown()).toEqual([]);
});

test.each([
  ['queued', zh.stage_queue, zh.stage_text_queued],
  ['running', zh.stage_render, zh.stage_text_running],
  ['loading', zh.stage_render, zh.stage_text_loading],
  ['painting', zh.stage_render, zh.stage_text_painting],
  ['storing', zh.stage_render, zh.stage_text_storing],
])('shows the stage %s in words, and the texts of the page', (stage, name, description) => {
  const view = render({ stage, share: 0.5, text: 'About 20 s', detail: 'You may leave' });

  expect(view.find({ class: 'text-block' }).text).toBe(`${name}${description}About 20 sYou may leave`);
});

test('announces a new stage, but not each new percentage', () => {
  const view = render({ stage: 'painting', share: 0.5, text: '50%' });

  expect(view.find({ 'aria-live': 'polite' }).text).toBe(`${zh.stage_render}${zh.stage_text_painting}`);
});

test('reports the step and the text of the page to screen readers', async () => {
  const view = render({ stage: 'painting', share: 0.5, text: '已完成 50%' });
  const attributes = () => view.find({ 'aria-role': 'progressbar' }).attributes;
  expect(attributes()).toMatchObject({
    'aria-label': zh.stage_text_painting,
    'aria-valuemin': 1,
    'aria-valuemax': 4,
    'aria-valuenow': 3,
    'aria-valuetext': '第 3 步，共 4 步。已完成 50%',
  });

  await view.setProperties({ share: null, text: '' });

  expect(attributes()).toMatchObject({ 'aria-valuenow': 3, 'aria-valuetext': '第 3 步，共 4 步' });
});

test('names the stages in the current language', () => {
  const view = render({ stage: 'painting', share: 0.5, text: '50% done' });

  setLanguage('en');

  expect(view.find({ 'aria-role': 'progressbar' }).text).toBe(`${en.stage_upload}${en.stage_queue}${en.stage_render}${en.stage_done}`);
  expect(view.find({ 'aria-role': 'progressbar' }).attributes).toMatchObject({ 'aria-valuetext': 'Step 3 of 4. 50% done' });
  expect(view.find({ 'aria-live': 'polite' }).text).toContain(en.stage_text_painting);
});
