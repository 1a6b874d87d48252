/** The modal bottom sheet. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { componentRenderer } from './render-component';

const CLOSING_MS = 160;

const render = componentRenderer('bottom-sheet', 'close');

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('is not rendered until it is opened', async () => {
  const view = render({ title: 'Filter' });
  expect(view.text).toBe('');

  await view.setProperties({ open: true });

  expect(view.find({ 'aria-role': 'dialog' }).attributes).toMatchObject({ 'aria-label': 'Filter', 'aria-modal': 'true' });
});

test('plays the closing animation before it disappears', async () => {
  const view = render({ open: true, title: 'Filter' });
  await view.setProperties({ open: false });
  jest.advanceTimersByTime(CLOSING_MS - 1);
  expect(view.findAll({ 'aria-role': 'dialog' })).toHaveLength(1);

  jest.advanceTimersByTime(1);

  expect(view.findAll({ 'aria-role': 'dialog' })).toHaveLength(0);
});

test('stays open if it is opened again during the closing animation', async () => {
  const view = render({ open: true, title: 'Filter' });
  await view.setProperties({ open: false });
  await view.setProperties({ open: true });

  jest.advanceTimersByTime(CLOSING_MS * 2);

  expect(view.findAll({ 'aria-role': 'dialog' })).toHaveLength(1);
});

test('the close button and the mask request closing', async () => {
  const view = render({ open: true, title: 'Filter' });

  await view.button(zh.close).tap();
  await view.find({ class: 'mask' }).tap();

  expect(view.events.map(([name]) => name)).toEqual(['close', 'close']);
});

test('the close button has a label in the current language', () => {
  const view = render({ open: true, title: 'Filter' });

  setLanguage('en');

  expect(view.buttonLabels).toEqual([en.close]);
});
