/** The placeholder for content that is being loaded. */

import { componentRenderer } from './render-component';

const render = componentRenderer('skeleton-block');

test('has the given size and is hidden from screen readers', () => {
  const block = render({ width: '50%', height: '88rpx', radius: '16rpx' }).find({ 'aria-hidden': 'true' });
  expect(block.attributes.style).toBe('width: 50%; height: 88rpx; border-radius: 16rpx');
});
