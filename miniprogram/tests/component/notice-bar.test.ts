/** One line about the state of things. */

import { components as en } from '../../src/i18n/en/components';
import { components as zh } from '../../src/i18n/zh/components';
import { setLanguage } from '../../src/i18n/index';
import { shower } from './render-component';

const show = shower('notice-bar', 'act', 'close');

test('an error is read out at once, anything else when there is time', async () => {
  const shown = show({ kind: 'error', text: 'No answer' });
  expect(shown.part({ 'aria-role': 'alert' }).attributes['aria-live']).toBe('assertive');
  expect(shown.part({ 'aria-role': 'alert' }).words).toBe('No answer');
  await shown.set({ kind: 'offline' });
  expect(shown.part({ 'aria-role': 'status' }).attributes['aria-live']).toBe('polite');
});

test('offers only what the page allows', () => {
  expect(show({ text: 'No answer' }).labels).toEqual([]);
});

test('tells the page of the action and of the closing', async () => {
  const shown = show({ text: 'No answer', action: 'Again', closable: true });
  await shown.button('Again').tap();
  await shown.button(zh.close).tap();
  expect(shown.heard.map(([name]) => name)).toEqual(['act', 'close']);
});

test('the cross is named in the language that is chosen', () => {
  const shown = show({ text: 'No answer', closable: true });
  setLanguage('en');
  expect(shown.labels).toEqual([en.close]);
});
