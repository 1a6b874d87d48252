/** The notice bar. */

import { componentRenderer } from './render-component';

const render = componentRenderer('notice-bar', 'act');

test('screen readers announce an error at once and other notices politely', async () => {
  const view = render({ kind: 'error', text: 'No response' });
  expect(view.find({ 'aria-role': 'alert' }).attributes['aria-live']).toBe('assertive');
  expect(view.find({ 'aria-role': 'alert' }).text).toBe('No response');
  await view.setProperties({ kind: 'offline' });
  expect(view.find({ 'aria-role': 'status' }).attributes['aria-live']).toBe('polite');
});

test('has no button unless the page sets an action', () => {
  expect(render({ text: 'No response' }).buttonLabels).toEqual([]);
});

test('reports a tap on the action', async () => {
  const view = render({ text: 'No response', action: 'Again' });
  await view.button('Again').tap();
  expect(view.events.map(([name]) => name)).toEqual(['act']);
});
