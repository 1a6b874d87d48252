/** The card of one work. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { FRAME, shower } from './render-component';

const show = shower('work-card', 'open', 'favourite', 'remove', 'broken');

const YARD = { id: 'stl_1', thumb: '/yard.webp', style: 'Ink', tau: 0.8, date: '25 Nov', favourite: false, status: 'done', title: 'Yard' };
const LABEL = 'Yard, 25 Nov';
const REMOVE = `${zh.remove} Yard`;
const leftBy = (share: number) => [{ x: 300, y: 0 }, { x: 300 - FRAME.width * share, y: 4 }] as const;

test('shows the title, the style, its strength and the day', () => {
  expect(show({ work: YARD }).words).toBe('YardInk · τ 0.825 Nov');
});

test('without a title is called by its style', () => {
  const shown = show({ work: { ...YARD, title: '' } });

  expect(shown.words).toBe('Inkτ 0.825 Nov');
  expect(shown.labels[0]).toBe('Ink, 25 Nov');
});

test.each(['queued', 'running', 'failed', 'cancelled'] as const)('says that it is %s', (status) => {
  const shown = show({ work: { ...YARD, status } });

  expect(shown.words).toContain(zh[`status_${status}`]);
  expect(shown.labels[0]).toBe(`${LABEL}, ${zh[`status_${status}`]}`);
});

test('is opened by a tap', async () => {
  const shown = show({ work: YARD });

  await shown.button(LABEL).tap();

  expect(shown.heard).toEqual([['open', { id: 'stl_1' }]]);
});

test('its heart says what it will do, and opens nothing', async () => {
  const shown = show({ work: YARD });
  await shown.button(zh.favourite).tap();
  expect(shown.heard).toEqual([['favourite', { id: 'stl_1' }]]);

  await shown.set({ work: { ...YARD, favourite: true } });

  expect(shown.labels).toContain(zh.unfavourite);
});

test('its dots lay the button for removing bare, and cover it again', async () => {
  const shown = show({ work: YARD });
  expect(shown.labels).not.toContain(REMOVE);

  await shown.button(zh.more).tap();
  expect(shown.labels).toContain(REMOVE);
  await shown.button(zh.less).tap();

  expect(shown.labels).not.toContain(REMOVE);
});

test('the button that was laid bare removes', async () => {
  const shown = show({ work: YARD });
  await shown.button(zh.more).tap();

  await shown.button(REMOVE).tap();

  expect(shown.heard).toEqual([['remove', { id: 'stl_1' }]]);
  expect(shown.labels).not.toContain(REMOVE);
});

test('slid aside a little, it lays the button bare', async () => {
  const shown = show({ work: YARD });

  await shown.button(LABEL).draw(...leftBy(0.3));

  expect(shown.labels).toContain(REMOVE);
  expect(shown.heard).toEqual([]);
});

test('slid aside whole, it is removed', async () => {
  const shown = show({ work: YARD });

  await shown.button(LABEL).draw(...leftBy(0.8));

  expect(shown.heard).toEqual([['remove', { id: 'stl_1' }]]);
});

test('hardly moved, it lies back', async () => {
  const shown = show({ work: YARD });

  await shown.button(LABEL).draw(...leftBy(0.1));

  expect(shown.labels).not.toContain(REMOVE);
});

test('a tap on a card that lies aside puts it back and opens nothing', async () => {
  const shown = show({ work: YARD });
  await shown.button(zh.more).tap();

  await shown.button(LABEL).tap();

  expect(shown.labels).not.toContain(REMOVE);
  expect(shown.heard).toEqual([]);
});

test('says when its picture does not come', async () => {
  const shown = show({ work: YARD });

  await shown.breakPicture('/yard.webp');

  expect(shown.heard).toEqual([['broken', { id: 'stl_1' }]]);
});

test('speaks the language that is chosen', () => {
  const shown = show({ work: { ...YARD, status: 'failed' } });

  setLanguage('en');

  expect(shown.words).toContain(en.status_failed);
  expect(shown.labels).toContain(en.favourite);
});
