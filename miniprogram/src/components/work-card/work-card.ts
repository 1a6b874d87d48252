/** One work of the history: to be opened, kept as a favourite, or slid aside and thrown away. */

import { wordsFor } from '../../behaviors/words';
import { t } from '../../i18n/index';
import { Draw, measure, type Point, pointOf, type Track } from '../gesture';
import { restAfter, slideAt, slideAtRest } from './slide';

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

/** Until the page has given one. */
const NO_WORK: WorkItem = { id: '', thumb: '', style: '', tau: 0, date: '', favourite: false, status: 'done', title: '' };

/** Puts back the card that lies aside; there is never more than one. */
let putBack: () => void = () => undefined;

Component({
  behaviors: [wordsFor('components')],

  options: { pureDataPattern: /^_/ },

  properties: {
    work: { type: Object, value: NO_WORK },
  },

  data: {
    /** In words, unless the work is done. */
    state: '',
    /** How far the card lies to the left of its place, in percent of its width. */
    slide: 0,
    bare: false,
    drawing: false,
    _draw: null as Draw | null,
  },

  observers: {
    work() {
      this.nameState();
    },
  },

  methods: {
    onWords() {
      this.nameState();
    },

    nameState() {
      const { status } = this.data.work as WorkItem;
      this.setData({ state: status !== 'done' ? t(`components.status_${status}`) : '' });
    },

    touch(event: WechatMiniprogram.TouchEvent) {
      const from = pointOf(event);
      const { slide } = this.data;
      const draw = new Draw(from, ({ x }: Point, { width }: Track) =>
        this.setData({ slide: slideAt(x - from.x, width, slide), drawing: true, bare: true }),
      );
      this.data._draw = draw;
      measure(this, '.card', (track) => draw.measured(track));
    },

    move(event: WechatMiniprogram.TouchEvent) {
      this.data._draw?.move(pointOf(event));
    },

    leave() {
      this.data._draw = null;
      if (!this.data.drawing) return;
      const rest = restAfter(this.data.slide);
      this.setData({ drawing: false });
      this.lay(rest === 'bare');
      if (rest === 'gone') this.triggerEvent('remove', { id: this.data.work.id });
    },

    lay(bare: boolean) {
      putBack();
      putBack = bare ? () => this.setData({ bare: false, slide: 0 }) : () => undefined;
      this.setData({ bare, slide: slideAtRest(bare ? 'bare' : 'closed') });
    },

    open() {
      if (this.data.bare) this.lay(false);
      else this.triggerEvent('open', { id: this.data.work.id });
    },

    favourite() {
      this.triggerEvent('favourite', { id: this.data.work.id });
    },

    more() {
      this.lay(!this.data.bare);
    },

    remove() {
      this.lay(false);
      this.triggerEvent('remove', { id: this.data.work.id });
    },

    fail() {
      this.triggerEvent('broken', { id: this.data.work.id });
    },
  },
});
