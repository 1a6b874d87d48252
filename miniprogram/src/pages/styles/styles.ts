/** The gallery: black pottery first, one's own styles, then every family; a sheet for each style. */
import { wordsFor } from '../../behaviors/words';
import { nameOf, t } from '../../i18n/index';
import { AppError, wordsOf } from '../../services/errors';
import { FAMILIES, styles, type Style } from '../../services/styles';
import { handover } from '../../store/handover';
import { tell } from '../tell';
import { adding } from './adding';
import { anyPreparing, detailOf, type Shelf, shelvesOf, type StyleDetail } from './gallery';

const NIXI = 'nixi-black-pottery';
const LOOK_AGAIN_MS = 3000;
const DANGER = '#A63A2A'; // as --danger; a system dialog knows no variables

type Tap = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, { family: string }>;
type OfStyle = WechatMiniprogram.CustomEvent<{ id: string }>;

Page({
  behaviors: [wordsFor('styles', 'common'), adding],

  data: {
    stage: 'loading' as 'loading' | 'ready' | 'offline' | 'failed',
    problem: '',
    family: '',
    families: [] as { key: string; name: string }[],
    shelves: [] as (Shelf & { name: string })[],
    own: [] as Shelf['cards'],
    style: null as (StyleDetail & { tauNote: string }) | null,
    sheetOpen: false,
    nixi: NIXI,
    placeholders: [0, 1, 2, 3, 4, 5],
  },

  all: [] as Style[],
  lookAgain: 0 as unknown as ReturnType<typeof setTimeout>,
  visible: false,
  mended: false,

  onShow() {
    this.visible = true;
    this.mended = false;
    void wx.setNavigationBarTitle({ title: t('styles.title') });
    return this.load(false);
  },

  onHide() {
    this.visible = false;
    clearTimeout(this.lookAgain);
  },

  onUnload() {
    void this.onHide();
  },

  async onPullDownRefresh() {
    await this.load(true);
    void wx.stopPullDownRefresh();
  },

  onWords() {
    if (this.visible) void wx.setNavigationBarTitle({ title: t('styles.title') });
    this.draw();
  },

  async load(fresh: boolean) {
    try {
      this.all = await styles.all(fresh);
      this.setData({ stage: 'ready', problem: '' });
    } catch (error) {
      const offline = error instanceof AppError && error.code === 'offline';
      this.setData({ stage: offline ? 'offline' : 'failed', problem: offline ? '' : wordsOf(error) });
    }
    this.draw();
  },

  again() {
    this.setData({ stage: this.all.length ? this.data.stage : 'loading' });
    return this.load(true);
  },

  draw() {
    const shelves = shelvesOf(this.all, FAMILIES, nameOf).map((shelf) => ({ ...shelf, name: familyName(shelf.family) }));
    const preset = shelves.filter((shelf) => shelf.family !== 'own');
    const open = this.all.find((each: Style) => each.id === this.data.style?.id);
    this.setData({
      own: shelves.find((shelf) => shelf.family === 'own')?.cards ?? [],
      families: preset.map((shelf) => ({ key: shelf.family, name: shelf.name })),
      shelves: preset.filter((shelf) => !this.data.family || shelf.family === this.data.family),
      ...(open ? { style: drawn(open) } : {}),
    });
    clearTimeout(this.lookAgain);
    if (this.visible && anyPreparing(this.all)) {
      this.lookAgain = setTimeout(() => this.load(true), LOOK_AGAIN_MS);
    }
  },

  chooseFamily(event: Tap) {
    this.setData({ family: event.currentTarget.dataset.family });
    this.draw();
  },

  openStyle(event: OfStyle) {
    const style = this.all.find((each: Style) => each.id === event.detail.id);
    if (style) this.setData({ style: drawn(style), sheetOpen: true });
  },

  closeStyle() {
    this.setData({ sheetOpen: false });
  },

  /** Addresses of own pictures run out: all are asked for anew, once for each visit. */
  async pictureBroken() {
    if (this.mended) return;
    this.mended = true;
    await this.load(true);
  },

  readNixi() {
    this.closeStyle();
    void wx.navigateTo({ url: '/about/nixi/nixi' });
  },

  useStyle() {
    if (this.data.style) handover.leave({ styleId: this.data.style.id });
    this.closeStyle();
    void wx.switchTab({ url: '/pages/create/create' });
  },

  seeWorks() {
    if (this.data.style) handover.leave({ filterStyle: this.data.style.id });
    this.closeStyle();
    void wx.switchTab({ url: '/pages/works/works' });
  },

  onAdded(style: Style) {
    this.all = [style, ...this.all.filter((each: Style) => each.id !== style.id)];
    this.draw();
    return this.load(true);
  },

  async removeStyle() {
    const style = this.data.style;
    if (!style) return;
    const answer = await wx.showModal({
      title: t('styles.remove_ask', { name: style.name }),
      content: t('styles.remove_note'),
      confirmText: t('styles.remove_yes'),
      cancelText: t('styles.remove_no'),
      confirmColor: DANGER,
    });
    if (!answer.confirm) return;
    try {
      await styles.remove(style.id);
      this.all = this.all.filter((each: Style) => each.id !== style.id);
      this.closeStyle();
      this.draw();
      tell(t('styles.removed'));
    } catch (error) {
      tell(wordsOf(error));
    }
  },
});

function drawn(style: Style): StyleDetail & { tauNote: string } {
  const detail = detailOf(style, nameOf);
  return { ...detail, tauNote: t('styles.tau_note', { tau: detail.tau }) };
}

/** A family without a word of ours yet keeps its own name. */
function familyName(family: string): string {
  return FAMILIES.includes(family) ? t(`common.family_${family}` as Parameters<typeof t>[0]) : family;
}
