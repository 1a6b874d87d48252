/** How much of a style goes into the picture: a track of black pottery with a chip inlaid at none, half and whole. */

import { wordsFor } from '../../behaviors/words';
import { Draw, measure, pointOf, type Track } from '../gesture';
import { marksOn, meetsMark, shareOf, valueAt } from './track';

Component({
  behaviors: [wordsFor('components')],

  options: { pureDataPattern: /^_/ },

  properties: {
    value: { type: Number, value: 1 },
    min: { type: Number, value: 0 },
    max: { type: Number, value: 1.5 },
    step: { type: Number, value: 0.05 },
    label: String,
    /** The value in words, such as "half". */
    text: String,
    compact: Boolean,
  },

  data: {
    /** What is shown; while a finger draws, it runs ahead of `value`. */
    shown: 1,
    percent: 0,
    marks: [] as { at: number; percent: number }[],
    drawing: false,
    _draw: null as Draw | null,
  },

  observers: {
    'value, min, max, step'(value: number) {
      if (!this.data.drawing) this.show(value);
    },
  },

  lifetimes: {
    // Nothing is observed of properties that the page leaves as they are.
    attached() {
      this.show(this.data.value);
    },
  },

  methods: {
    touch(event: WechatMiniprogram.TouchEvent) {
      const draw = new Draw(pointOf(event), ({ x }, track) => this.drawTo(x, track));
      this.data._draw = draw;
      measure(this, '.rail', (track) => draw.measured(track));
    },

    move(event: WechatMiniprogram.TouchEvent) {
      this.data._draw?.move(pointOf(event));
    },

    leave() {
      this.data._draw = null;
      if (!this.data.drawing) return;
      this.setData({ drawing: false });
      this.triggerEvent('change', { value: this.data.shown });
    },

    jump(event: WechatMiniprogram.TouchEvent) {
      const { x } = pointOf(event);
      measure(this, '.rail', (track) => {
        if (this.go(valueAt(x, track, this.data))) this.triggerEvent('change', { value: this.data.shown });
      });
    },

    drawTo(x: number, track: Track) {
      if (!this.data.drawing) this.setData({ drawing: true });
      if (this.go(valueAt(x, track, this.data))) this.triggerEvent('changing', { value: this.data.shown });
    },

    /** Whether that was another value than before. */
    go(value: number): boolean {
      const before = this.data.shown;
      if (value === before) return false;
      if (meetsMark(before, value, this.data)) wx.vibrateShort({ type: 'light', fail: () => undefined });
      this.show(value);
      return true;
    },

    show(value: number) {
      this.setData({
        shown: value,
        percent: shareOf(value, this.data) * 100,
        marks: marksOn(this.data).map((at) => ({ at, percent: shareOf(at, this.data) * 100 })),
      });
    },
  },
});
