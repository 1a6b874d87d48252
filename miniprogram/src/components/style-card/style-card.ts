/** A card with the picture and the name of one style. */

import { localizedTexts } from '../../behaviors/texts';
import type { StyleItem } from '../style-item';

/** Used until the page has set the property. */
const NO_STYLE: StyleItem = { id: '', name: '', thumb: '', own: false, status: 'ready' };

Component({
  behaviors: [localizedTexts('components')],

  properties: {
    item: { type: Object, value: NO_STYLE },
  },

  methods: {
    choose() {
      this.triggerEvent('choose', { id: this.data.item.id });
    },

    more() {
      this.triggerEvent('more', { id: this.data.item.id });
    },

    onImageError() {
      this.triggerEvent('broken', { id: this.data.item.id });
    },
  },
});
