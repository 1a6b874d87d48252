/** Two pictures of the same thing, one on top of the other, with a line between them that a finger can draw. */

import { wordsFor } from '../../behaviors/words';
import { Draw, measure, type Point, pointOf, type Track } from '../gesture';
import { frameOf, positionAt } from './frame';

type ErrorOfImage = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, { which: 'before' | 'after' }>;

Component({
  behaviors: [wordsFor('components')],

  options: { pureDataPattern: /^_/ },

  properties: {
    before: String,
    after: String,
    width: Number,
    height: Number,
    /** How much of the picture before is seen, 0 to 100. */
    position: { type: Number, value: 50 },
    badge: Boolean,
  },

  data: {
    frame: frameOf({ width: 0, height: 0 }, 0),
    shown: 50,
    _draw: null as Draw | null,
  },

  observers: {
    'width, height'(width: number, height: number) {
      this.setData({ frame: frameOf({ width, height }, wx.getWindowInfo().windowHeight) });
    },

    position(position: number) {
      if (!this.data._draw) this.setData({ shown: Math.min(100, Math.max(0, position)) });
    },
  },

  lifetimes: {
    attached() {
      const { width, height } = this.data;
      this.setData({ frame: frameOf({ width, height }, wx.getWindowInfo().windowHeight) });
    },
  },

  methods: {
    touch(event: WechatMiniprogram.TouchEvent) {
      this.begin(new Draw(pointOf(event), ({ x }, track) => this.drawTo(x, track)));
    },

    /** A finger on the handle seldom hits the line itself; it keeps its distance, so that the line does not leap. */
    grasp(event: WechatMiniprogram.TouchEvent) {
      const from = pointOf(event);
      const { shown } = this.data;
      const follow = ({ x }: Point, { left, width }: Track) => {
        const line = left + (width * shown) / 100;
        this.drawTo(line + x - from.x, { left, width });
      };
      this.begin(new Draw(from, follow, true));
    },

    begin(draw: Draw) {
      this.data._draw = draw;
      measure(this, '.frame', (track) => draw.measured(track));
    },

    move(event: WechatMiniprogram.TouchEvent) {
      this.data._draw?.move(pointOf(event));
    },

    leave() {
      this.data._draw = null;
    },

    drawTo(x: number, track: Track) {
      const position = positionAt(x, track);
      if (position === this.data.shown) return;
      this.setData({ shown: position });
      this.triggerEvent('move', { position });
    },

    open() {
      this.triggerEvent('preview');
    },

    fail(event: ErrorOfImage) {
      this.triggerEvent('broken', { which: event.currentTarget.dataset.which });
    },
  },
});
