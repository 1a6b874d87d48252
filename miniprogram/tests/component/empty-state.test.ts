/** The empty state of a page. */

import { componentRenderer } from './render-component';

const render = componentRenderer('empty-state', 'act');

test('shows title and text, and reports a tap on the action', async () => {
  const view = render({ title: 'No works', text: 'Fire the first', action: 'Begin' });
  expect(view.find({ 'aria-role': 'heading' }).text).toBe('No works');
  expect(view.text).toBe('No worksFire the firstBegin');
  await view.button('Begin').tap();
  expect(view.events.map(([name]) => name)).toEqual(['act']);
});

test('has no button without an action', () => {
  expect(render({ title: 'No works' }).buttonLabels).toEqual([]);
});
