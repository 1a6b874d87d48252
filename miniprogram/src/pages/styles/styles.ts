/** The style gallery: Nixi black pottery first, then the user's own styles, then every category; a sheet for each style. */
import { localizedTexts } from '../../behaviors/texts';
import { localized, t } from '../../i18n/index';
import { PAGES } from '../../paths';
import { codeOf, messageOf } from '../../services/errors';
import { CATEGORIES, categoryName, NIXI_STYLE_ID, styles, type Style } from '../../services/styles';
import { tabParameters } from '../../store/tab-parameters';
import { showToast } from '../toast';
import { addStyle } from './add-style';
import { groupByCategory, hasPreparing, PREPARING_POLL_MS, styleDetailsOf, type StyleDetails, type StyleGroup } from './gallery';

/** The colour `--danger`: a dialog of WeChat cannot read CSS variables. */
const DANGER_COLOUR = '#A63A2A';

type CategoryTap = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, { category: string }>;
type StyleEvent = WechatMiniprogram.CustomEvent<{ id: string }>;

Page({
  behaviors: [localizedTexts('styles'), addStyle],

  data: {
    stage: 'loading' as 'loading' | 'ready' | 'offline' | 'failed',
    problem: '',
    category: '',
    categories: [] as { key: string; name: string }[],
    groups: [] as (StyleGroup & { name: string })[],
    own: [] as StyleGroup['cards'],
    style: null as (StyleDetails & { tauNote: string }) | null,
    sheetOpen: false,
    nixiStyleId: NIXI_STYLE_ID,
    placeholders: [0, 1, 2, 3, 4, 5],
  },

  all: [] as Style[],
  pollTimer: 0 as unknown as ReturnType<typeof setTimeout>,
  visible: false,
  hasReloaded: false,

  onShow() {
    this.visible = true;
    this.hasReloaded = false;
    this.updateTitle();
    return this.load(false);
  },

  onHide() {
    this.visible = false;
    clearTimeout(this.pollTimer);
  },

  onUnload() {
    void this.onHide();
  },

  async onPullDownRefresh() {
    await this.load(true);
    void wx.stopPullDownRefresh();
  },

  onTexts() {
    if (this.visible) this.updateTitle();
    this.render();
  },

  updateTitle() {
    void wx.setNavigationBarTitle({ title: t('styles.title') });
  },

  async load(fresh: boolean) {
    try {
      this.all = await styles.all(fresh);
      this.setData({ stage: 'ready', problem: '' });
    } catch (error) {
      const offline = codeOf(error) === 'offline';
      this.setData({ stage: offline ? 'offline' : 'failed', problem: offline ? '' : messageOf(error) });
    }
    this.render();
  },

  reload() {
    this.setData({ stage: this.all.length ? this.data.stage : 'loading' });
    return this.load(true);
  },

  render() {
    const groups = groupByCategory(this.all, CATEGORIES, localized).map((group) => ({ ...group, name: categoryName(group.category) }));
    const presets = groups.filter((group) => group.category !== 'own');
    const open = this.all.find((each: Style) => each.id === this.data.style?.id);
    this.setData({
      own: groups.find((group) => group.category === 'own')?.cards ?? [],
      categories: presets.map((group) => ({ key: group.category, name: group.name })),
      groups: presets.filter((group) => !this.data.category || group.category === this.data.category),
      ...(open ? { style: detailsWithNote(open) } : {}),
    });
    clearTimeout(this.pollTimer);
    if (this.visible && hasPreparing(this.all)) {
      this.pollTimer = setTimeout(() => this.load(true), PREPARING_POLL_MS);
    }
  },

  chooseCategory(event: CategoryTap) {
    this.setData({ category: event.currentTarget.dataset.category });
    this.render();
  },

  openStyle(event: StyleEvent) {
    const style = this.all.find((each: Style) => each.id === event.detail.id);
    if (style) this.setData({ style: detailsWithNote(style), sheetOpen: true });
  },

  closeStyle() {
    this.setData({ sheetOpen: false });
  },

  /** The signed addresses of own styles expire, so all styles are reloaded, once for each visit. */
  async pictureFailed() {
    if (this.hasReloaded) return;
    this.hasReloaded = true;
    await this.load(true);
  },

  openNixi() {
    this.closeStyle();
    void wx.navigateTo({ url: PAGES.nixi });
  },

  useStyle() {
    if (this.data.style) tabParameters.set({ styleId: this.data.style.id });
    this.closeStyle();
    void wx.switchTab({ url: PAGES.create });
  },

  openWorks() {
    if (this.data.style) tabParameters.set({ filterStyleId: this.data.style.id });
    this.closeStyle();
    void wx.switchTab({ url: PAGES.works });
  },

  onStyleAdded(style: Style) {
    this.all = [style, ...this.all.filter((each: Style) => each.id !== style.id)];
    this.render();
    return this.load(true);
  },

  async removeStyle() {
    const style = this.data.style;
    if (!style) return;
    const { confirm } = await wx.showModal({
      title: t('styles.remove_ask', { name: style.name }),
      content: t('styles.remove_note'),
      confirmText: t('styles.remove_yes'),
      cancelText: t('styles.remove_no'),
      confirmColor: DANGER_COLOUR,
    });
    if (!confirm) return;
    try {
      await styles.remove(style.id);
      this.all = this.all.filter((each: Style) => each.id !== style.id);
      this.closeStyle();
      this.render();
      showToast(t('styles.removed'));
    } catch (error) {
      showToast(messageOf(error));
    }
  },
});

function detailsWithNote(style: Style): StyleDetails & { tauNote: string } {
  const details = styleDetailsOf(style, localized);
  return { ...details, tauNote: t('styles.tau_note', { tau: details.tau }) };
}
