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
    _tapped: '',
  },

  observers: {
    'styles, chosen'(styles: StyleItem[], chosen: string[]) {
      this.setData({ items: styles.map((style) => ({ ...style, place: chosen.indexOf(style.id) + 1 })) });
      const newest = chosen[chosen.length - 1] ?? '';
      const index = styles.findIndex((style) => style.id === newest);
      // What was chosen elsewhere may be far to the right; what was tapped here is in view, and must not move away.
      // The one before it is brought to the edge, to show that there are more.
      if (index >= 0 && newest !== this.data._tapped) this.setData({ inView: `edge-${index}` });
    },
  },

  methods: {
    choose(event: OfStyle) {
      const { id } = event.currentTarget.dataset;
      this.data._tapped = id;
      this.triggerEvent('choose', { id });
    },

    fail(event: OfStyle) {
      this.triggerEvent('broken', { id: event.currentTarget.dataset.id });
    },
  },
});
