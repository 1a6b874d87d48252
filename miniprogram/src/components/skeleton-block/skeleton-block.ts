/** A placeholder for content that is being loaded. It keeps the layout stable. */

Component({
  properties: {
    width: { type: String, value: '100%' },
    height: { type: String, value: '32rpx' },
    radius: { type: String, value: '8rpx' },
  },
});
