/** One line about the state of things, with at most one way to act on it. */

import { wordsFor } from '../../behaviors/words';

Component({
  behaviors: [wordsFor('components')],

  properties: {
    /** 'error', 'offline' or 'info'. */
    kind: { type: String, value: 'info' },
    text: String,
    action: String,
    closable: Boolean,
  },

  methods: {
    act() {
      this.triggerEvent('act');
    },

    close() {
      this.triggerEvent('close');
    },
  },
});
