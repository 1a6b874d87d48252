/** The card of a work in the history. It opens the work, toggles the favourite, and deletes the work after a swipe. */

import { localizedTexts } from '../../behaviors/texts';
import { t } from '../../i18n/index';
import { HorizontalDrag, measureTrack, type Point, touchPoint, type Track } from '../horizontal-drag';
import { restAfter, restOffset, swipeOffset } from './swipe';

export interface WorkItem {
  id: string;
  thumb: string;
  style: string;
  tau: number;
  date: string;
  favourite: boolean;
  status: 'done' | 'queued' | 'running' | 'failed' | 'cancelled';
  title: string;
}

/** Used until the page has set the property. */
const NO_WORK: WorkItem = { id: '', thumb: '', style: '', tau: 0, date: '', favourite: false, status: 'done', title: '' };

/** Closes the card that is open; at most one is open. */
let closeOpenCard: () => void = () => undefined;

Component({
  behaviors: [localizedTexts('components')],

  options: { pureDataPattern: /^_/ },

  properties: {
    work: { type: Object, value: NO_WORK },
  },

  data: {
    /** '' if the work is done. */
    statusText: '',
    /** How far the card is moved to the left, in percent of its width. */
    offset: 0,
    isOpen: false,
    dragging: false,
    _drag: null as HorizontalDrag | null,
  },

  observers: {
    work() {
      this.updateStatusText();
    },
  },

  methods: {
    onTexts() {
      this.updateStatusText();
    },

    updateStatusText() {
      const { status } = this.data.work as WorkItem;
      this.setData({ statusText: status !== 'done' ? t(`common.status_${status}`) : '' });
    },

    touch(event: WechatMiniprogram.TouchEvent) {
      const from = touchPoint(event);
      const { offset } = this.data;
      const drag = new HorizontalDrag(from, ({ x }: Point, { width }: Track) =>
        this.setData({ offset: swipeOffset(x - from.x, width, offset), dragging: true, isOpen: true }),
      );
      this.data._drag = drag;
      measureTrack(this, '.card', (track) => drag.setTrack(track));
    },

    move(event: WechatMiniprogram.TouchEvent) {
      this.data._drag?.move(touchPoint(event));
    },

    endDrag() {
      this.data._drag = null;
      if (!this.data.dragging) return;
      const rest = restAfter(this.data.offset);
      this.setData({ dragging: false });
      this.setOpen(rest === 'open');
      if (rest === 'removed') this.triggerEvent('remove', { id: this.data.work.id });
    },

    setOpen(isOpen: boolean) {
      closeOpenCard();
      closeOpenCard = isOpen ? () => this.setData({ isOpen: false, offset: 0 }) : () => undefined;
      this.setData({ isOpen, offset: restOffset(isOpen ? 'open' : 'closed') });
    },

    open() {
      if (this.data.isOpen) this.setOpen(false);
      else this.triggerEvent('open', { id: this.data.work.id });
    },

    favourite() {
      this.triggerEvent('favourite', { id: this.data.work.id });
    },

    more() {
      this.setOpen(!this.data.isOpen);
    },

    remove() {
      this.setOpen(false);
      this.triggerEvent('remove', { id: this.data.work.id });
    },

    onImageError() {
      this.triggerEvent('broken', { id: this.data.work.id });
    },
  },
});
