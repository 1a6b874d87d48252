/** The history: everything that was made, to be found again, kept, thrown away and brought back. */
import { wordsFor } from '../../behaviors/words';
import { nameOf, t } from '../../i18n/index';
import { wordsOf } from '../../services/errors';
import { dateOf } from '../../services/format';
import { stylizations } from '../../services/stylizations';
import { handover } from '../../store/handover';
import { recentWorks } from '../../store/recent-works';
import { type WorkCard, workCardOf } from './cards';
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
    cards: [] as WorkCard[],
    ended: false,
    problem: '',
    undo: { open: false, id: '', text: '' },
    undoSeconds: UNDO_SECONDS,
    placeholders: [0, 1, 2, 3, 4, 5],
  },

  shelf: null as unknown as Shelf,
  renewing: 0 as unknown as ReturnType<typeof setTimeout>,
  visible: false,

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
    this.onNetwork = this.onNetwork.bind(this);
    wx.onNetworkStatusChange(this.onNetwork);
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
    wx.offNetworkStatusChange(this.onNetwork);
  },

  onWords() {
    if (this.visible) this.entitle();
    this.nameFilters();
    if (this.shelf) this.draw();
  },

  onNetwork({ isConnected }: WechatMiniprogram.OnNetworkStatusChangeListenerResult) {
    if (isConnected && this.visible && this.data.stage === 'offline') void this.shelf.refresh();
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
      void wx.showToast({ title: t(favourite ? 'works.favourite_on' : 'works.favourite_off'), icon: 'none' });
    } catch (error) {
      void wx.showToast({ title: wordsOf(error), icon: 'none' });
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
      void wx.showToast({ title: wordsOf(error), icon: 'none' });
    }
  },

  async undo() {
    const { id } = this.data.undo;
    this.forgetUndo();
    try {
      await this.shelf.restore(id);
      void wx.showToast({ title: t('works.restored'), icon: 'none' });
    } catch (error) {
      void wx.showToast({ title: wordsOf(error), icon: 'none' });
    }
  },

  forgetUndo() {
    this.setData({ undo: { open: false, id: '', text: '' } });
  },
});
