/** What stands where there is nothing yet. */

import { shower } from './render-component';

const show = shower('empty-state', 'act');

test('says what is missingInput, why, and leads on', async () => {
  const shown = show({ title: 'No works', text: 'Fire the first', action: 'Begin' });
  expect(shown.part({ 'aria-role': 'heading' }).words).toBe('No works');
  expect(shown.words).toBe('No worksFire the firstBegin');
  await shown.button('Begin').tap();
  expect(shown.heard.map(([name]) => name)).toEqual(['act']);
});

test('without an action there is nothing to tap', () => {
  expect(show({ title: 'No works' }).labels).toEqual([]);
});
