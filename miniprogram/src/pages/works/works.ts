/** The history: all works of the user, with search, filters, favourites, deletion and undo. */
import { localizedTexts } from '../../behaviors/texts';
import type { WorkItem } from '../../components/work-card/work-card';
import { localized, t } from '../../i18n/index';
import { PAGES } from '../../paths';
import { messageOf } from '../../services/errors';
import { dateText } from '../../services/format';
import { watchNetwork } from '../../services/network';
import { stylizations } from '../../services/stylizations';
import { recentWorks } from '../../store/recent-works';
import { tabParameters } from '../../store/tab-parameters';
import { showToast } from '../toast';
import { workCardOf } from './cards';
import { filterControls } from './filter-controls';
import { type Filters, NO_FILTERS } from './filters';
import { type Stage, WorkList } from './work-list';

const POLL_MS = 4000;

type WorkEvent = WechatMiniprogram.CustomEvent<{ id: string }>;

Page({
  behaviors: [localizedTexts('works'), filterControls],

  data: {
    stage: 'loading' as Stage,
    cards: [] as WorkItem[],
    isEnd: false,
    problem: '',
    undo: { open: false, id: '', text: '' },
    placeholders: [0, 1, 2, 3, 4, 5],
  },

  list: null as unknown as WorkList,
  pollTimer: 0 as unknown as ReturnType<typeof setTimeout>,
  visible: false,
  stopWatchingNetwork: () => {},

  onLoad() {
    this.list = new WorkList(
      {
        search: (query, cursor) => stylizations.search(query, cursor),
        find: (id) => stylizations.find(id),
        remove: (id) => stylizations.remove(id),
        restore: (id) => stylizations.restore(id),
        setFavourite: (id, favourite) => stylizations.setFavourite(id, favourite),
        saveRecent: (items) => recentWorks.save(items),
        recent: () => recentWorks.all(),
      },
      () => this.render(),
    );
    this.stopWatchingNetwork = watchNetwork((isConnected) => this.onNetwork(isConnected));
  },

  onShow() {
    this.visible = true;
    this.updateTitle();
    const given = tabParameters.take();
    if (given?.filterStyleId) return this.setFilters({ ...NO_FILTERS, style: given.filterStyleId });
    return this.list.refresh();
  },

  onHide() {
    this.visible = false;
    clearTimeout(this.pollTimer);
  },

  onUnload() {
    void this.onHide();
    this.stopWatchingNetwork();
  },

  onTexts() {
    if (this.visible) this.updateTitle();
    this.nameFilters();
    if (this.list) this.render();
  },

  onNetwork(isConnected: boolean) {
    if (isConnected && this.visible && this.data.stage === 'offline') void this.list.refresh();
  },

  async onPullDownRefresh() {
    await this.list.refresh();
    void wx.stopPullDownRefresh();
  },

  onReachBottom() {
    return this.list.loadMore();
  },

  onFiltersChanged(filters: Filters) {
    return this.list.show(filters);
  },

  updateTitle() {
    void wx.setNavigationBarTitle({ title: t('works.title') });
  },

  render() {
    const { works, stage, error, isEnd }: WorkList = this.list;
    this.setData({
      stage,
      isEnd,
      problem: error ? messageOf(error) : '',
      cards: works.map((work) => workCardOf(work, localized, dateText)),
    });
    clearTimeout(this.pollTimer);
    if (this.visible && stage === 'ready' && this.list.unfinished().length) {
      this.pollTimer = setTimeout(() => this.list.pollUnfinished().then(() => this.render()), POLL_MS);
    }
  },

  reload() {
    return this.list.reload();
  },

  loadMore() {
    return this.list.loadMore();
  },

  openWork(event: WorkEvent) {
    void wx.navigateTo({ url: `${PAGES.job}?id=${event.detail.id}` });
  },

  openCreate() {
    void wx.switchTab({ url: PAGES.create });
  },

  refreshPicture(event: WorkEvent) {
    return this.list.refreshPicture(event.detail.id);
  },

  async toggleFavourite(event: WorkEvent) {
    try {
      const favourite = await this.list.toggleFavourite(event.detail.id);
      showToast(t(favourite ? 'works.favourite_on' : 'works.favourite_off'));
    } catch (error) {
      showToast(messageOf(error));
    }
  },

  async removeWork(event: WorkEvent) {
    const { id } = event.detail;
    const card = this.data.cards.find((each) => each.id === id);
    if (!card) return;
    const name = card.title || t('common.untitled_work', { style: card.style });
    this.setData({ undo: { open: true, id, text: t('works.removed', { name }) } });
    try {
      await this.list.remove(id);
    } catch (error) {
      this.closeUndo();
      showToast(messageOf(error));
    }
  },

  async undo() {
    const { id } = this.data.undo;
    this.closeUndo();
    try {
      await this.list.restore(id);
      showToast(t('works.restored'));
    } catch (error) {
      showToast(messageOf(error));
    }
  },

  closeUndo() {
    this.setData({ undo: { open: false, id: '', text: '' } });
  },
});
