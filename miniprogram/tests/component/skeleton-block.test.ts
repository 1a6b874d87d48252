/** What holds a place. */

import { shower } from './render-component';

const show = shower('skeleton-block');

test('is as large as it is told, and silent', () => {
  const block = show({ width: '50%', height: '88rpx', radius: '16rpx' }).part({ 'aria-hidden': 'true' });
  expect(block.attributes.style).toBe('width: 50%; height: 88rpx; border-radius: 16rpx');
});
