/** The one ornament: a white chip of porcelain inlaid in black pottery, filled from below as far as `share` says. */

Component({
  properties: {
    share: { type: Number, value: 1 },
  },
});
