/** Compares two pictures: one above the other, with a dividing line that the user drags. */

import { localizedTexts } from '../../behaviors/texts';
import { HorizontalDrag, measureTrack, type Point, touchPoint, type Track } from '../horizontal-drag';
import { frameFor, positionAt } from './geometry';

type ImageError = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, { which: 'before' | 'after' }>;

Component({
  behaviors: [localizedTexts('components')],

  options: { pureDataPattern: /^_/ },

  properties: {
    before: String,
    after: String,
    width: Number,
    height: Number,
    /** The share of the picture `before` that is visible, in percent. */
    position: { type: Number, value: 50 },
    badge: Boolean,
  },

  data: {
    frame: frameFor({ width: 0, height: 0 }, 0),
    shown: 50,
    _drag: null as HorizontalDrag | null,
  },

  observers: {
    'width, height'(width: number, height: number) {
      this.setData({ frame: frameFor({ width, height }, wx.getWindowInfo().windowHeight) });
    },

    position(position: number) {
      if (!this.data._drag) this.setData({ shown: Math.min(100, Math.max(0, position)) });
    },
  },

  lifetimes: {
    attached() {
      const { width, height } = this.data;
      this.setData({ frame: frameFor({ width, height }, wx.getWindowInfo().windowHeight) });
    },
  },

  methods: {
    touch(event: WechatMiniprogram.TouchEvent) {
      this.startDrag(new HorizontalDrag(touchPoint(event), ({ x }, track) => this.moveLineTo(x, track)));
    },

    /** Drags the handle. The distance between finger and line is kept, so that the line does not jump. */
    touchHandle(event: WechatMiniprogram.TouchEvent) {
      const from = touchPoint(event);
      const { shown } = this.data;
      const onMove = ({ x }: Point, { left, width }: Track) => {
        const line = left + (width * shown) / 100;
        this.moveLineTo(line + x - from.x, { left, width });
      };
      this.startDrag(new HorizontalDrag(from, onMove, true));
    },

    startDrag(drag: HorizontalDrag) {
      this.data._drag = drag;
      measureTrack(this, '.frame', (track) => drag.setTrack(track));
    },

    move(event: WechatMiniprogram.TouchEvent) {
      this.data._drag?.move(touchPoint(event));
    },

    endDrag() {
      this.data._drag = null;
    },

    moveLineTo(x: number, track: Track) {
      const position = positionAt(x, track);
      if (position === this.data.shown) return;
      this.setData({ shown: position });
      this.triggerEvent('move', { position });
    },

    open() {
      this.triggerEvent('preview');
    },

    onImageError(event: ImageError) {
      this.triggerEvent('broken', { which: event.currentTarget.dataset.which });
    },
  },
});
