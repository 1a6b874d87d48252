/** A modal sheet at the bottom of the screen. The page provides its content in the slot. */

import { localizedTexts } from '../../behaviors/texts';

/** The duration of the closing animation in bottom-sheet.wxss. */
const CLOSING_MS = 160;

type Stage = 'hidden' | 'open' | 'closing';

Component({
  behaviors: [localizedTexts('components')],

  options: { pureDataPattern: /^_/ },

  properties: {
    open: Boolean,
    title: String,
  },

  data: {
    stage: 'hidden' as Stage,
    _closingTimer: 0 as unknown as ReturnType<typeof setTimeout>,
  },

  observers: {
    open(open: boolean) {
      clearTimeout(this.data._closingTimer);
      if (open) {
        this.setData({ stage: 'open' });
      } else if (this.data.stage === 'open') {
        this.setData({ stage: 'closing' });
        this.data._closingTimer = setTimeout(() => this.setData({ stage: 'hidden' }), CLOSING_MS);
      }
    },
  },

  lifetimes: {
    detached() {
      clearTimeout(this.data._closingTimer);
    },
  },

  methods: {
    close() {
      this.triggerEvent('close');
    },

    /** Catches touch moves, so that the page below does not scroll. */
    hold() {
      return;
    },
  },
});
