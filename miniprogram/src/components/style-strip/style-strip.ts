/** The styles in one row, to choose one from, or several for a mixture. */

import { wordsFor } from '../../behaviors/words';

interface StyleItem {
  id: string;
  name: string;
  thumb: string;
  own: boolean;
  state: string;
}

type OfStyle = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, { id: string }>;

Component({
  behaviors: [wordsFor('components')],

  options: { pureDataPattern: /^_/ },

  properties: {
    styles: { type: Array, value: [] as StyleItem[] },
    /** Ids, in the order in which they were chosen. */
    chosen: { type: Array, value: [] as string[] },
  },

  data: {
    /** The styles with their places among the chosen; 0 for the others. */
    items: [] as (StyleItem & { place: number })[],
    inView: '',
    _newest: '',
    _tapped: false,
  },

  observers: {
    'styles, chosen'(styles: StyleItem[], chosen: string[]) {
      this.setData({ items: styles.map((style) => ({ ...style, place: chosen.indexOf(style.id) + 1 })) });
      this.bringIntoView(styles, chosen[chosen.length - 1] ?? '');
    },
  },

  methods: {
    choose(event: OfStyle) {
      this.data._tapped = true;
      this.triggerEvent('choose', { id: event.currentTarget.dataset.id });
    },

    /** What was chosen elsewhere may be far to the right; what was tapped here is in view, and must not move away. */
    bringIntoView(styles: StyleItem[], newest: string) {
      const index = styles.findIndex((style) => style.id === newest);
      if (index < 0 || newest === this.data._newest) return;
      // The one before it comes to the edge, to show that there are more.
      if (!this.data._tapped) this.setData({ inView: `edge-${index}` });
      this.data._newest = newest;
      this.data._tapped = false;
    },

    fail(event: OfStyle) {
      this.triggerEvent('broken', { id: event.currentTarget.dataset.id });
    },
  },
});
