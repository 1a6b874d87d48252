/** The history: everything that was made, to be found again, kept, thrown away and brought back. */
import { wordsFor } from '../../behaviors/words';
import type { WorkItem } from '../../components/work-card/work-card';
import { nameOf, t } from '../../i18n/index';
import { wordsOf } from '../../services/errors';
import { dateOf } from '../../services/format';
import { watchNetwork } from '../../services/network';
import { stylizations } from '../../services/stylizations';
import { handover } from '../../store/handover';
import { recentWorks } from '../../store/recent-works';
import { tell } from '../tell';
import { workCardOf } from './cards';
import { type Filters, NO_FILTERS } from './filters';
import { narrowing } from './narrowing';
import { Shelf, type Stage } from './shelf';

const RENEW_MS = 4000;
const UNDO_SECONDS = 8;

type OfWork = WechatMiniprogram.CustomEvent<{ id: string }>;

Page({
  behaviors: [wordsFor('works', 'common'), narrowing],

  data: {
    stage: 'loading' as Stage,
    cards: [] as WorkItem[],
    ended: false,
    problem: '',
    undo: { open: false, id: '', text: '' },
    undoSeconds: UNDO_SECONDS,
    placeholders: [0, 1, 2, 3, 4, 5],
  },

  shelf: null as unknown as Shelf,
  renewing: 0 as unknown as ReturnType<typeof setTimeout>,
  visible: false,
  stopWatching: () => {},

  onLoad() {
    this.shelf = new Shelf(
      {
        search: (search, cursor) => stylizations.search(search, cursor),
        find: (id) => stylizations.find(id),
        remove: (id) => stylizations.remove(id),
        restore: (id) => stylizations.restore(id),
        setFavourite: (id, favourite) => stylizations.setFavourite(id, favourite),
        keep: (items) => recentWorks.keep(items),
        kept: () => recentWorks.all(),
      },
      () => this.draw(),
    );
    this.stopWatching = watchNetwork((connected) => this.onNetwork(connected));
  },

  onShow() {
    this.visible = true;
    this.entitle();
    const asked = handover.take();
    if (asked?.filterStyle) return this.narrow({ ...NO_FILTERS, style: asked.filterStyle });
    return this.shelf.refresh();
  },

  onHide() {
    this.visible = false;
    clearTimeout(this.renewing);
  },

  onUnload() {
    void this.onHide();
    this.stopWatching();
  },

  onWords() {
    if (this.visible) this.entitle();
    this.nameFilters();
    if (this.shelf) this.draw();
  },

  onNetwork(connected: boolean) {
    if (connected && this.visible && this.data.stage === 'offline') void this.shelf.refresh();
  },

  async onPullDownRefresh() {
    await this.shelf.refresh();
    void wx.stopPullDownRefresh();
  },

  onReachBottom() {
    return this.shelf.more();
  },

  onNarrowed(filters: Filters) {
    return this.shelf.show(filters);
  },

  entitle() {
    void wx.setNavigationBarTitle({ title: t('works.title') });
  },

  draw() {
    const { works, stage, problem, ended }: Shelf = this.shelf;
    this.setData({
      stage,
      ended,
      problem: problem ? wordsOf(problem) : '',
      cards: works.map((work) => workCardOf(work, nameOf, dateOf)),
    });
    clearTimeout(this.renewing);
    if (this.visible && stage === 'ready' && this.shelf.open().length) {
      this.renewing = setTimeout(() => this.shelf.renewOpen().then(() => this.draw()), RENEW_MS);
    }
  },

  again() {
    return this.shelf.again();
  },

  more() {
    return this.shelf.more();
  },

  open(event: OfWork) {
    void wx.navigateTo({ url: `/pages/job/job?id=${event.detail.id}` });
  },

  create() {
    void wx.switchTab({ url: '/pages/create/create' });
  },

  broken(event: OfWork) {
    return this.shelf.mend(event.detail.id);
  },

  async favourite(event: OfWork) {
    try {
      const favourite = await this.shelf.toggleFavourite(event.detail.id);
      tell(t(favourite ? 'works.favourite_on' : 'works.favourite_off'));
    } catch (error) {
      tell(wordsOf(error));
    }
  },

  async remove(event: OfWork) {
    const { id } = event.detail;
    const card = this.data.cards.find((each) => each.id === id);
    if (!card) return;
    const name = card.title || t('works.untitled', { style: card.style });
    this.setData({ undo: { open: true, id, text: t('works.removed', { name }) } });
    try {
      await this.shelf.remove(id);
    } catch (error) {
      this.forgetUndo();
      tell(wordsOf(error));
    }
  },

  async undo() {
    const { id } = this.data.undo;
    this.forgetUndo();
    try {
      await this.shelf.restore(id);
      tell(t('works.restored'));
    } catch (error) {
      tell(wordsOf(error));
    }
  },

  forgetUndo() {
    this.setData({ undo: { open: false, id: '', text: '' } });
  },
});
