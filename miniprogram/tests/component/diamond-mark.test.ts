/** The inlaid chip. */

import { shower } from './render-component';

const show = shower('diamond-mark');

test('is whole, or filled from below as far as it is told', async () => {
  const shown = show();
  const filling = () => shown.part({ class: 'porcelain' }).attributes.style;
  expect(filling()).toBe('transform: scaleY(1)');

  await shown.set({ share: 0.4 });

  expect(filling()).toBe('transform: scaleY(0.4)');
});
