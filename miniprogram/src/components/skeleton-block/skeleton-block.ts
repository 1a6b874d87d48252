/** Holds the place of something that is still on its way, so that nothing jumps when it comes. */

Component({
  properties: {
    width: { type: String, value: '100%' },
    height: { type: String, value: '32rpx' },
    radius: { type: String, value: '8rpx' },
  },
});
