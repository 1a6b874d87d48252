/** A horizontal list of styles, to choose one style or several for a mixture. */

import { localizedTexts } from '../../behaviors/texts';
import type { StyleItem } from '../style-item';

type StyleEvent = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, { id: string }>;

Component({
  behaviors: [localizedTexts('components')],

  options: { pureDataPattern: /^_/ },

  properties: {
    styles: { type: Array, value: [] as StyleItem[] },
    /** Ids, in the order in which they were chosen. */
    chosen: { type: Array, value: [] as string[] },
  },

  data: {
    /** `place` is the position among the chosen styles, from 1; 0 if the style is not chosen. */
    items: [] as (StyleItem & { place: number })[],
    scrollTarget: '',
    _newest: '',
    _isTapped: false,
  },

  observers: {
    'styles, chosen'(styles: StyleItem[], chosen: string[]) {
      this.setData({ items: styles.map((style) => ({ ...style, place: chosen.indexOf(style.id) + 1 })) });
      this.scrollTo(styles, chosen[chosen.length - 1] ?? '');
    },
  },

  methods: {
    choose(event: StyleEvent) {
      this.data._isTapped = true;
      this.triggerEvent('choose', { id: event.currentTarget.dataset.id });
    },

    /** Scrolls to a style that was chosen elsewhere. A style that was tapped here is already visible and must not move. */
    scrollTo(styles: StyleItem[], newest: string) {
      const index = styles.findIndex((style) => style.id === newest);
      if (index < 0 || newest === this.data._newest) return;
      // Scrolls to the style before it, to show that there are more on the left.
      if (!this.data._isTapped) this.setData({ scrollTarget: `edge-${index}` });
      this.data._newest = newest;
      this.data._isTapped = false;
    },

    onImageError(event: StyleEvent) {
      this.triggerEvent('broken', { id: event.currentTarget.dataset.id });
    },
  },
});
