/** The diamond mark. */

import { componentRenderer } from './render-component';

const render = componentRenderer('diamond-mark');

test('is full by default, and filled from below according to the share', async () => {
  const view = render();
  const fill = () => view.find({ class: 'fill' }).attributes.style;
  expect(fill()).toBe('transform: scaleY(1)');

  await view.setProperties({ share: 0.4 });

  expect(fill()).toBe('transform: scaleY(0.4)');
});
