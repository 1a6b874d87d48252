/** The card of a work. */

import { common as commonEn } from '../../src/i18n/en/common';
import { components as en } from '../../src/i18n/en/components';
import { common as commonZh } from '../../src/i18n/zh/common';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { FRAME, componentRenderer } from './render-component';

const render = componentRenderer('work-card', 'open', 'favourite', 'remove', 'broken');

const YARD = { id: 'stl_1', thumb: '/yard.webp', style: 'Ink', tau: 0.8, date: '25 Nov', favourite: false, status: 'done', title: 'Yard' };
const LABEL = 'Yard, 25 Nov';
const REMOVE = `${zh.remove} Yard`;
const leftBy = (share: number) => [{ x: 300, y: 0 }, { x: 300 - FRAME.width * share, y: 4 }] as const;

test('shows title, style, strength and date', () => {
  expect(render({ work: YARD }).text).toBe('YardInk · τ 0.825 Nov');
});

test('shows the style in place of a missing title', () => {
  const view = render({ work: { ...YARD, title: '' } });

  expect(view.text).toBe('Inkτ 0.825 Nov');
  expect(view.buttonLabels[0]).toBe('Ink, 25 Nov');
});

test.each(['queued', 'running', 'failed', 'cancelled'] as const)('shows the status %s', (status) => {
  const view = render({ work: { ...YARD, status } });

  expect(view.text).toContain(commonZh[`status_${status}`]);
  expect(view.buttonLabels[0]).toBe(`${LABEL}, ${commonZh[`status_${status}`]}`);
});

test('a tap opens the work', async () => {
  const view = render({ work: YARD });

  await view.button(LABEL).tap();

  expect(view.events).toEqual([['open', { id: 'stl_1' }]]);
});

test('the favourite button states its action and does not open the work', async () => {
  const view = render({ work: YARD });
  await view.button(zh.favourite).tap();
  expect(view.events).toEqual([['favourite', { id: 'stl_1' }]]);

  await view.setProperties({ work: { ...YARD, favourite: true } });

  expect(view.buttonLabels).toContain(zh.unfavourite);
});

test('the dots show and hide the delete button', async () => {
  const view = render({ work: YARD });
  expect(view.buttonLabels).not.toContain(REMOVE);

  await view.button(zh.more).tap();
  expect(view.buttonLabels).toContain(REMOVE);
  await view.button(zh.less).tap();

  expect(view.buttonLabels).not.toContain(REMOVE);
});

test('the delete button deletes the work', async () => {
  const view = render({ work: YARD });
  await view.button(zh.more).tap();

  await view.button(REMOVE).tap();

  expect(view.events).toEqual([['remove', { id: 'stl_1' }]]);
  expect(view.buttonLabels).not.toContain(REMOVE);
});

test('a short swipe shows the delete button', async () => {
  const view = render({ work: YARD });

  await view.button(LABEL).drag(...leftBy(0.3));

  expect(view.buttonLabels).toContain(REMOVE);
  expect(view.events).toEqual([]);
});

test('a long swipe deletes the work', async () => {
  const view = render({ work: YARD });

  await view.button(LABEL).drag(...leftBy(0.8));

  expect(view.events).toEqual([['remove', { id: 'stl_1' }]]);
});

test('a very short swipe closes the card again', async () => {
  const view = render({ work: YARD });

  await view.button(LABEL).drag(...leftBy(0.1));

  expect(view.buttonLabels).not.toContain(REMOVE);
});

test('a tap on an open card closes it and does not open the work', async () => {
  const view = render({ work: YARD });
  await view.button(zh.more).tap();

  await view.button(LABEL).tap();

  expect(view.buttonLabels).not.toContain(REMOVE);
  expect(view.events).toEqual([]);
});

test('reports a picture that failed to load', async () => {
  const view = render({ work: YARD });

  await view.failImage('/yard.webp');

  expect(view.events).toEqual([['broken', { id: 'stl_1' }]]);
});

test('uses the current language', () => {
  const view = render({ work: { ...YARD, status: 'failed' } });

  setLanguage('en');

  expect(view.text).toContain(commonEn.status_failed);
  expect(view.buttonLabels).toContain(en.favourite);
});
