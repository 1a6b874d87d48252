/** Where a work begins: a photograph, a look, and the fire. */
import { wordsFor } from '../../behaviors/words';
import { nameOf, t } from '../../i18n/index';
import type { JobState } from '../../jobs/machine';
import { live } from '../../jobs/live';
import { AppError, wordsOf } from '../../services/errors';
import { percent } from '../../services/format';
import { limits } from '../../services/limits';
import { notices } from '../../services/notices';
import { photos, type Photo } from '../../services/photos';
import { FAMILIES, styles, type Style } from '../../services/styles';
import type { Levels } from '../../services/stylizations';
import { draft } from '../../store/draft';
import { handover } from '../../store/handover';
import { stageOf } from '../job/shown';
import { adding } from '../styles/adding';
import { anyPreparing, cardOf, shelvesOf, type StyleCard } from '../styles/gallery';
import {
  ALL_OF_IT, draftOf, type Lack, lackOf, levelsChanged, newKey, NOTHING_YET, orderOf, type Setup, setupAgain, setupOf, tauWord, withKnown,
  withMixing, withStyle, withTakenIn,
} from './order';
import { heightFor } from './frame';
import { tellWhenDone } from './telling';

const LOOK_AGAIN_MS = 3000;
const LEVELS = ['colour', 'texture', 'structure'] as const;

type Slid = WechatMiniprogram.CustomEvent<{ value: number }>;
type SlidLevel = WechatMiniprogram.CustomEvent<{ value: number }, object, { key: keyof Levels }>;
type OfFamily = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, { family: string }>;

Page({
  behaviors: [wordsFor('create', 'common', 'styles'), adding],

  data: {
    photo: null as { shown: string; height: number; local: boolean } | null,
    canCrop: false,
    problem: '',
    offline: false,
    live: { open: false, stage: '' },
    stage: 'loading' as 'loading' | 'ready' | 'failed',
    family: '',
    families: [] as { key: string; name: string }[],
    strip: [] as StyleCard[],
    chosen: [] as string[],
    mixing: false,
    balance: 0.5,
    mixText: '',
    tau: 1,
    tauText: '',
    tauRange: { min: 0, max: 1.5, step: 0.05 },
    more: false,
    changed: false,
    levels: [] as { key: string; name: string; value: number; text: string }[],
    levelsAsked: false,
    keepColor: false,
    lack: 'need_photo' as Lack,
    starting: false,
    placeholders: [0, 1, 2, 3],
  },

  setup: NOTHING_YET,
  all: [] as Style[],
  templates: [] as string[],
  usualTau: 1,
  /** The file that the last order was made of, until the service has it. */
  sentPath: '',
  lookAgain: 0 as unknown as ReturnType<typeof setTimeout>,
  unfollow: null as null | (() => void),
  visible: false,

  onLoad() {
    this.setup = setupOf(draft.get());
    this.setData({ canCrop: photos.canCrop() });
    this.unfollow = live.subscribe((state) => this.onLive(state));
    wx.onNetworkStatusChange(this.onNetwork);
    void this.askLimits();
  },

  async onShow() {
    this.visible = true;
    this.entitle();
    this.takeOver();
    this.draw();
    await this.load(false);
  },

  onHide() {
    this.visible = false;
    clearTimeout(this.lookAgain);
  },

  onUnload() {
    this.onHide();
    this.unfollow?.();
    wx.offNetworkStatusChange(this.onNetwork);
  },

  onWords() {
    if (this.visible) this.entitle();
    this.draw();
  },

  onNetwork({ isConnected }: WechatMiniprogram.OnNetworkStatusChangeListenerResult) {
    this.setData({ offline: !isConnected });
    if (isConnected && this.data.stage === 'failed') void this.loadAgain();
  },

  onLive(state: JobState) {
    const open = state.kind === 'uploading' || state.kind === 'queued' || state.kind === 'running';
    this.setData({ live: { open, stage: open ? t(`job.stage_${stageOf(state)}` as const) : '' } });
    if ('job' in state && state.job) this.change(withTakenIn(this.setup, this.sentPath, state.job.content));
  },

  entitle() {
    void wx.setNavigationBarTitle({ title: t('create.title') });
  },

  /** From the gallery a style, from a work its photograph and look, from a chat a picture. */
  takeOver() {
    const asked = handover.take();
    const sent = photos.fromChat();
    if (asked?.again) {
      this.change(setupAgain(asked.again));
      if (!asked.again.content) this.setData({ problem: t('create.again_gone') });
    }
    if (asked?.styleId) this.change({ ...this.setup, styleIds: [asked.styleId], mixing: false, tau: null });
    if (sent) this.usePhoto(sent);
  },

  async askLimits() {
    try {
      const { tau, notice_templates: templates } = await limits();
      this.templates = templates;
      this.usualTau = tau.default;
      this.setData({ tauRange: { min: tau.min, max: tau.max, step: tau.step } });
      this.draw();
    } catch {
      // the usual range stands; what matters is said where the styles do not come
    }
  },

  async load(fresh: boolean) {
    try {
      this.all = await styles.all(fresh);
      const before = this.setup.styleIds.length;
      this.setup = withKnown(this.setup, this.usable());
      this.setData({ stage: 'ready', ...(this.setup.styleIds.length < before ? { problem: t('create.style_gone') } : {}) });
    } catch (error) {
      this.setData({ stage: 'failed', offline: error instanceof AppError && error.code === 'offline' });
    }
    this.draw();
    clearTimeout(this.lookAgain);
    if (this.visible && anyPreparing(this.all)) this.lookAgain = setTimeout(() => this.load(true), LOOK_AGAIN_MS);
  },

  loadAgain() {
    this.setData({ stage: 'loading' });
    return this.load(true);
  },

  /** A style that is still being prepared may be ordered: the work waits for it. */
  usable(): string[] {
    return this.all.filter((style: Style) => style.status !== 'failed').map((style: Style) => style.id);
  },

  change(setup: Setup) {
    if (setup === this.setup) return;
    this.setup = setup;
    draft.set(draftOf(setup));
    this.draw();
  },

  draw() {
    this.drawStyles();
    this.drawLook(this.setup);
    const { photo } = this.setup;
    this.setData({
      photo: photo && { shown: photo.shown, height: heightFor(photo.width, photo.height), local: Boolean(photo.path) },
      lack: lackOf(this.setup, this.usable()),
    });
  },

  drawStyles() {
    const shelves = shelvesOf(this.all, FAMILIES, nameOf);
    const { family } = this.data;
    this.setData({
      families: FAMILIES.filter((key) => shelves.some((shelf) => shelf.family === key)).map((key) => ({
        key,
        name: t(`common.family_${key}` as Parameters<typeof t>[0]),
      })),
      strip: this.all.filter((style: Style) => !family || style.category === family).map((style: Style) => cardOf(style, nameOf)),
      chosen: this.setup.styleIds,
    });
  },

  drawLook(setup: Setup) {
    const tau = setup.tau ?? this.suggestedTau();
    this.setData({
      mixing: setup.mixing,
      balance: setup.balance,
      mixText: this.mixText(setup),
      tau,
      tauText: t(`create.${tauWord(tau)}` as const),
      levels: LEVELS.map((key) => ({
        key,
        name: t(`create.level_${key}` as const),
        value: setup.levels[key],
        text: levelText(setup.levels[key]),
      })),
      levelsAsked: levelsChanged(setup.levels),
      keepColor: setup.keepColor,
      changed: levelsChanged(setup.levels) || setup.keepColor,
    });
  },

  mixText(setup: Setup): string {
    const [one, other] = setup.styleIds.map((id) => this.all.find((style: Style) => style.id === id));
    if (!one || !other) return '';
    return t('create.mix_shares', {
      one: nameOf(one.name),
      share: percent(1 - setup.balance),
      other: nameOf(other.name),
      rest: percent(setup.balance),
    });
  },

  suggestedTau(): number {
    if (this.setup.mixing) return this.usualTau;
    return this.all.find((style: Style) => style.id === this.setup.styleIds[0])?.default_tau ?? this.usualTau;
  },

  // The photograph

  chooseFromPhone() {
    return this.choosePhoto('album');
  },

  takePhoto() {
    return this.choosePhoto('camera');
  },

  async changePhoto() {
    const sources = ['album', 'camera'] as const;
    const chosen = await wx
      .showActionSheet({ itemList: [t('create.photo_album'), t('create.photo_camera')] })
      .catch(() => null);
    const source = chosen && sources[chosen.tapIndex];
    if (source) await this.choosePhoto(source);
  },

  async choosePhoto(source: 'album' | 'camera') {
    try {
      const photo = await photos.choose(source);
      if (photo) this.usePhoto(photo);
    } catch (error) {
      this.setData({ problem: wordsOf(error) });
    }
  },

  async crop() {
    const { photo } = this.setup;
    if (!photo?.path) return;
    try {
      this.usePhoto(await photos.crop({ path: photo.path, width: photo.width, height: photo.height, bytes: 0 }));
    } catch (error) {
      this.setData({ problem: wordsOf(error) });
    }
  },

  usePhoto({ path, width, height }: Photo) {
    this.setData({ problem: '' });
    this.change({ ...this.setup, photo: { path, pictureId: '', shown: path, width, height } });
  },

  /** Of a photograph that the service keeps, the address may have run out, or the photograph itself. */
  photoLost() {
    const { photo } = this.setup;
    if (!photo) return;
    this.change({ ...this.setup, photo: null });
    this.setData({ problem: t(photo.pictureId ? 'create.photo_gone' : 'create.photo_lost') });
  },

  forgetProblem() {
    this.setData({ problem: '' });
  },

  // The look

  chooseFamily(event: OfFamily) {
    this.setData({ family: event.currentTarget.dataset.family });
    this.drawStyles();
  },

  chooseStyle(event: WechatMiniprogram.CustomEvent<{ id: string }>) {
    if (this.usable().includes(event.detail.id)) this.change(withStyle(this.setup, event.detail.id));
  },

  seeStyles() {
    void wx.switchTab({ url: '/pages/styles/styles' });
  },

  /** Chosen at once; in a mixture as its second. */
  onAdded(style: Style) {
    this.all = [style, ...this.all.filter((each: Style) => each.id !== style.id)];
    this.setData({ family: '' });
    this.change(withStyle(this.setup, style.id));
    return this.load(true);
  },

  switchMixing(event: WechatMiniprogram.SwitchChange) {
    this.change(withMixing(this.setup, event.detail.value));
  },

  slideBalance(event: Slid) {
    this.drawLook({ ...this.setup, balance: event.detail.value });
  },

  setBalance(event: Slid) {
    this.change({ ...this.setup, balance: event.detail.value });
  },

  slideTau(event: Slid) {
    this.drawLook({ ...this.setup, tau: event.detail.value });
  },

  setTau(event: Slid) {
    this.change({ ...this.setup, tau: event.detail.value });
  },

  toggleMore() {
    this.setData({ more: !this.data.more });
  },

  slideLevel(event: SlidLevel) {
    this.drawLook(this.withLevel(event));
  },

  setLevel(event: SlidLevel) {
    this.change(this.withLevel(event));
  },

  withLevel(event: SlidLevel): Setup {
    return { ...this.setup, levels: { ...this.setup.levels, [event.currentTarget.dataset.key]: event.detail.value } };
  },

  resetLevels() {
    this.change({ ...this.setup, levels: ALL_OF_IT });
  },

  switchKeepColour(event: WechatMiniprogram.SwitchChange) {
    this.change({ ...this.setup, keepColor: event.detail.value });
  },

  // The fire

  followLive() {
    void wx.navigateTo({ url: '/pages/job/job' });
  },

  async start() {
    const order = orderOf(this.setup, this.suggestedTau(), newKey());
    if (!order || this.data.lack || this.data.starting) return;
    this.setData({ starting: true, problem: '' });
    try {
      // first of all, for the platform asks within the tap alone
      const accepted = this.templates.length ? await notices.ask(this.templates) : [];
      if (!this.data.live.open || (await this.startsAnother())) {
        this.sentPath = 'path' in order.photo ? order.photo.path : '';
        live.start(order);
        tellWhenDone(live, accepted);
      }
      this.followLive();
    } catch (error) {
      this.setData({ problem: wordsOf(error) });
    } finally {
      this.setData({ starting: false });
    }
  },

  async startsAnother(): Promise<boolean> {
    const answer = await wx.showModal({
      title: t('create.open_title'),
      content: t('create.open_text'),
      confirmText: t('create.open_new'),
      cancelText: t('create.open_follow'),
    });
    return answer.confirm;
  },
});

function levelText(share: number): string {
  if (share >= 1) return t('create.level_all');
  return share <= 0 ? t('create.level_none') : t('create.level_share', { share: percent(share) });
}
