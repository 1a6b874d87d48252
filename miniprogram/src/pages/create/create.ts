/** Where a work begins: a photograph, a look, and the tap that fires it. */
import { wordsFor } from '../../behaviors/words';
import { t } from '../../i18n/index';
import { newKey } from '../../jobs/key';
import { live } from '../../jobs/live';
import { isOpen, type JobState, jobOf } from '../../jobs/machine';
import { limits, type Limits } from '../../services/limits';
import { watchNetwork } from '../../services/network';
import { notices } from '../../services/notices';
import type { Style } from '../../services/styles';
import { draft } from '../../store/draft';
import { handover } from '../../store/handover';
import { adding } from '../styles/adding';
import { choiceOf, withStyle } from './choice';
import { fire, isLongWait, LIVE_PAGE, pageOf } from './kiln';
import { looking } from './looking';
import { isNew, missing, orderOf, photoOf, pictureOf } from './order';
import { pageWith } from './page-with';
import { picturing } from './picturing';

type BarWord = 'live_back' | 'live_done' | 'live_failed' | '';

pageWith(wordsFor('create', 'styles', 'common'), [picturing, looking, adding], {
  data: {
    /** What keeps the start button shut, as a word of `create.…`. */
    need: 'need_photo' as ReturnType<typeof missing>,
    liveBar: '' as BarWord,
    offline: false,
    starting: false,
  },

  visible: false,
  allowed: null as Limits | null,
  /** Of the photograph that is on its way to the service. */
  sentPath: '',
  stopListening: () => {},
  stopWatching: () => {},

  onLoad() {
    const { photo, styles, tau, keepColor, levels } = draft.get();
    if (photo) this.setPhoto(photo);
    this.setChoice({ styles, tau, keepColor, levels, mixing: styles.length > 1 });
    this.stopListening = live.subscribe((state) => this.onLive(state));
    this.stopWatching = watchNetwork((connected) => this.onNetwork(connected));
  },

  onShow() {
    this.visible = true;
    this.entitle();
    this.takeOver();
    void this.bringFromChat();
    void this.loadLooks();
    void this.learnLimits();
  },

  onHide() {
    this.visible = false;
    this.stopLooking();
  },

  onUnload() {
    this.stopListening();
    this.stopWatching();
  },

  onWords() {
    if (this.visible) this.entitle();
    this.drawLook();
  },

  entitle() {
    void wx.setNavigationBarTitle({ title: t('create.title') });
  },

  async onPullDownRefresh() {
    await this.loadLooks(true);
    void wx.stopPullDownRefresh();
  },

  onNetwork(connected: boolean) {
    this.setData({ offline: !connected });
    if (connected && this.data.look.stage === 'failed') void this.loadLooksAgain();
  },

  /** What the gallery or a finished work has left for this page. */
  takeOver() {
    const left = handover.take();
    if (left?.again) {
      this.setPhotoOf(left.again);
      this.setChoice(choiceOf(left.again));
    } else if (left?.styleId) {
      this.setChoice(withStyle({ ...this.data.choice, mixing: false, tau: null }, left.styleId));
      this.showFamily('');
    }
  },

  async learnLimits() {
    this.allowed = await limits().catch(() => null);
  },

  onPhoto() {
    this.onPrepared();
  },

  onChoice() {
    this.onPrepared();
  },

  onPrepared() {
    const { photo, choice } = this.data;
    this.setData({ need: missing(photo, choice) });
    const { styles, tau, keepColor, levels } = choice;
    draft.set({ styles, tau, keepColor, levels, photo: photo && !isNew(photo) ? photo : null });
  },

  async onAdded(style: Style) {
    await this.loadLooks(true);
    this.showFamily('own');
    this.setChoice(withStyle(this.data.choice, style.id));
  },

  onLive(state: JobState) {
    this.setData({ liveBar: barOf(state) });
    const job = jobOf(state);
    const { photo } = this.data;
    // From here on the service has the photograph, so another look needs no second upload.
    if (job && photo && isNew(photo) && photo.path === this.sentPath) this.setPhoto(photoOf(job) ?? photo);
  },

  async start() {
    const { photo, need, starting } = this.data;
    if (starting || !photo || need) return;
    this.setData({ starting: true });
    try {
      // First of all, for the platform asks within the tap alone.
      const templates = isLongWait(live.state) ? await notices.ask(this.allowed?.notice_templates ?? []) : [];
      const order = orderOf(photo, this.chosenLook(), newKey());
      this.sentPath = isNew(photo) ? photo.path : '';
      const url = (await fire(order, templates)) ? pageOf(pictureOf(photo)) : LIVE_PAGE;
      void wx.navigateTo({ url });
    } finally {
      this.setData({ starting: false });
    }
  },

  seeLive() {
    void wx.navigateTo({ url: LIVE_PAGE });
  },

  seeStyles() {
    void wx.switchTab({ url: '/pages/styles/styles' });
  },
});

function barOf(state: JobState): BarWord {
  if (isOpen(state)) return 'live_back';
  if (state.kind === 'done') return 'live_done';
  return state.kind === 'failed' ? 'live_failed' : '';
}
