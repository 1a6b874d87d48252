/** A sheet that comes up from below for one choice or one task; what is in it is put there by the page. */

import { wordsFor } from '../../behaviors/words';

/** As long as it takes to slide out of sight; see bottom-sheet.wxss. */
const LEAVING_MS = 160;

type Stage = 'away' | 'here' | 'leaving';

Component({
  behaviors: [wordsFor('components')],

  options: { pureDataPattern: /^_/ },

  properties: {
    open: Boolean,
    title: String,
  },

  data: {
    stage: 'away' as Stage,
    _leaving: 0 as unknown as ReturnType<typeof setTimeout>,
  },

  observers: {
    open(open: boolean) {
      clearTimeout(this.data._leaving);
      if (open) {
        this.setData({ stage: 'here' });
      } else if (this.data.stage === 'here') {
        this.setData({ stage: 'leaving' });
        this.data._leaving = setTimeout(() => this.setData({ stage: 'away' }), LEAVING_MS);
      }
    },
  },

  lifetimes: {
    detached() {
      clearTimeout(this.data._leaving);
    },
  },

  methods: {
    close() {
      this.triggerEvent('close');
    },

    /** Caught moves do not scroll the page below. */
    hold() {
      return;
    },
  },
});
