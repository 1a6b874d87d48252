/** A diamond that is filled from below, used as a mark and as a gauge. Its shape is the porcelain inlay of Nixi black pottery. */

Component({
  properties: {
    /** How much is filled, from 0 to 1. */
    share: { type: Number, value: 1 },
  },
});
