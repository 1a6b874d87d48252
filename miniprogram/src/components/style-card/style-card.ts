/** One style with its picture, to be chosen or read about. */

import { wordsFor } from '../../behaviors/words';

interface StyleItem {
  id: string;
  name: string;
  thumb: string;
  credit: string;
  own: boolean;
  state: string;
}

/** Until the page has given one. */
const NO_STYLE: StyleItem = { id: '', name: '', thumb: '', credit: '', own: false, state: '' };

Component({
  behaviors: [wordsFor('components')],

  properties: {
    item: { type: Object, value: NO_STYLE },
    chosen: Boolean,
    /** As wide as the page, with a wide picture. */
    large: Boolean,
  },

  methods: {
    choose() {
      this.triggerEvent('choose', { id: this.data.item.id });
    },

    more() {
      this.triggerEvent('more', { id: this.data.item.id });
    },

    fail() {
      this.triggerEvent('broken', { id: this.data.item.id });
    },
  },
});
