/** A slider with marks at 0, 0.5 and 1: for the style strength, the shares of a mixture, and the levels. */

import { localizedTexts } from '../../behaviors/texts';
import { HorizontalDrag, measureTrack, touchPoint, type Track } from '../horizontal-drag';
import { crossesMark, marksWithin, shareOf, valueAt } from './scale';

Component({
  behaviors: [localizedTexts('components')],

  options: { pureDataPattern: /^_/ },

  properties: {
    value: { type: Number, value: 1 },
    min: { type: Number, value: 0 },
    max: { type: Number, value: 1 },
    step: { type: Number, value: 0.05 },
    label: String,
    /** A description of the value, such as "half". */
    text: String,
    compact: Boolean,
  },

  data: {
    /** The displayed value. During a drag it is ahead of `value`. */
    shown: 1,
    percent: 0,
    marks: [] as { at: number; percent: number }[],
    dragging: false,
    _drag: null as HorizontalDrag | null,
  },

  observers: {
    'value, min, max, step'(value: number) {
      if (!this.data.dragging) this.show(value);
    },
  },

  lifetimes: {
    // The observer does not run for properties that keep their default.
    attached() {
      this.show(this.data.value);
    },
  },

  methods: {
    touch(event: WechatMiniprogram.TouchEvent) {
      const drag = new HorizontalDrag(touchPoint(event), ({ x }, track) => this.dragTo(x, track));
      this.data._drag = drag;
      measureTrack(this, '.rail', (track) => drag.setTrack(track));
    },

    move(event: WechatMiniprogram.TouchEvent) {
      this.data._drag?.move(touchPoint(event));
    },

    endDrag() {
      this.data._drag = null;
      if (!this.data.dragging) return;
      this.setData({ dragging: false });
      this.triggerEvent('change', { value: this.data.shown });
    },

    jump(event: WechatMiniprogram.TouchEvent) {
      const { x } = touchPoint(event);
      measureTrack(this, '.rail', (track) => {
        if (this.setShown(valueAt(x, track, this.data))) this.triggerEvent('change', { value: this.data.shown });
      });
    },

    dragTo(x: number, track: Track) {
      if (!this.data.dragging) this.setData({ dragging: true });
      if (this.setShown(valueAt(x, track, this.data))) this.triggerEvent('changing', { value: this.data.shown });
    },

    /** Shows the value, with a vibration at a mark. Returns whether the value changed. */
    setShown(value: number): boolean {
      const before = this.data.shown;
      if (value === before) return false;
      if (crossesMark(before, value, this.data)) wx.vibrateShort({ type: 'light', fail: () => undefined });
      this.show(value);
      return true;
    },

    show(value: number) {
      this.setData({
        shown: value,
        percent: shareOf(value, this.data) * 100,
        marks: marksWithin(this.data).map((at) => ({ at, percent: shareOf(at, this.data) * 100 })),
      });
    },
  },
});
