/** One work: in the kiln, out of it, or what became of it. */
import { wordsFor } from '../../behaviors/words';
import { nameOf, t } from '../../i18n/index';
import type { job as zh } from '../../i18n/zh/job';
import { follow, type Following } from '../../jobs/following';
import { newKey } from '../../jobs/key';
import { live } from '../../jobs/live';
import { isCutOff, isOpen, type JobState, jobOf } from '../../jobs/machine';
import { wordsOf } from '../../services/errors';
import { dateOf, percent, secondsText } from '../../services/format';
import { limits } from '../../services/limits';
import { notices } from '../../services/notices';
import { lookOf, type Stylization, stylizations } from '../../services/stylizations';
import { handover } from '../../store/handover';
import { tell } from '../tell';
import { choiceOf, missingStyle } from '../create/choice';
import { fire, isLongWait } from '../create/kiln';
import { looking } from '../create/looking';
import { orderOf, photoOf } from '../create/order';
import { pageWith } from '../create/page-with';
import { keeping } from './keeping';
import { canRetry, type Face, faceOf } from './outcome';
import { HOME, messageOf, sharing } from './sharing';
import { type Progress, progressOf } from './stages';
import { viewOf, type WorkView } from './work';

const SECOND_MS = 1000;

pageWith(wordsFor('job', 'create'), [looking, keeping, sharing], {
  data: {
    face: 'loading' as Face,
    progress: null as Progress | null,
    /** What is told while it is made, beside the progress. */
    note: '',
    offline: '',
    /** Of the photograph, while the work is in the kiln or did not come out of it. */
    photo: '',
    failure: { text: '', canRetry: false, cutOff: false },
    /** Seconds until it may be tried again. */
    wait: 0,
    waitText: '',
    cancelling: false,
    /** Whether a message at the end can be asked for, and whether it was. */
    notice: { offered: false, promised: false },
    view: null as WorkView | null,
    pictureLost: false,
    rerun: { open: false, busy: false, need: '' },
  },

  templates: [] as string[],
  work: null as Stylization | null,
  following: null as Following | null,
  expected: false,
  isRemoved: false,
  unsubscribe: () => {},
  counting: 0 as unknown as ReturnType<typeof setInterval>,
  hasRenewed: false,

  onLoad({ id, photo = '' }: Record<string, string | undefined>) {
    this.setData({ photo: decodeURIComponent(photo) });
    if (id && id !== live.id) this.watch(follow(id), true);
    else this.watch(live, live.id !== null);
    void this.learnTemplates();
  },

  async learnTemplates() {
    this.templates = await limits().then(
      ({ notice_templates }) => notice_templates,
      () => [], // then no message is offered
    );
    if (this.following) this.draw(this.following.state);
  },

  onUnload() {
    this.leave();
    // what has been looked at need not be offered on the create page any more
    if (this.following === live && !isOpen(live.state) && !isCutOff(live.state)) live.clear();
  },

  onWords() {
    if (this.following) this.draw(this.following.state);
  },

  watch(following: Following, expected: boolean) {
    this.leave();
    this.following = following;
    this.expected = expected;
    this.isRemoved = false;
    this.work = null;
    this.hasRenewed = false;
    this.setData({ 'notice.promised': false });
    this.unsubscribe = following.subscribe((state) => this.onState(state));
  },

  leave() {
    this.unsubscribe();
    clearInterval(this.counting);
    if (this.following && this.following !== live) this.following.stop();
  },

  onState(state: JobState) {
    const before = this.data.face;
    this.work = jobOf(state) ?? this.work;
    this.draw(state);
    this.countDown(state.kind === 'failed' ? state.retryAfterS : null);
    if (before === 'open' && this.data.face === 'done') void wx.vibrateShort({ type: 'light' });
  },

  /** The work as it was changed by what was done with it. */
  onWork(work: Stylization) {
    this.work = work;
    this.isRemoved = false;
    if (this.following) this.draw(this.following.state);
  },

  onRemoved() {
    this.isRemoved = true;
    if (this.following) this.draw(this.following.state);
  },

  /** The undo has passed: there is nothing here any more. */
  onGone() {
    if (getCurrentPages().length > 1) void wx.navigateBack();
    else this.toWorks();
  },

  draw(state: JobState) {
    const { work } = this;
    const face = this.isRemoved ? 'removed' : faceOf(state, this.expected);
    const isUploading = state.kind === 'uploading';
    this.setData({
      face,
      progress: progressOf(state, { say, percent, seconds: secondsText }),
      note: t(isUploading ? 'job.upload_note' : 'job.leave_note'),
      offline: state.offline ? t(isUploading ? 'job.offline_upload' : 'job.offline') : '',
      'notice.offered': this.templates.length > 0 && isLongWait(state),
      view: work && viewOf(work, { nameOf, dateOf, say }),
      ...(state.kind === 'failed' ? { failure: { text: state.message, canRetry: canRetry(state), cutOff: isCutOff(state) } } : {}),
      ...(work?.content ? { photo: work.content.url } : {}),
    });
    void wx.setNavigationBarTitle({ title: t(TITLES[face]) });
  },

  countDown(seconds: number | null) {
    clearInterval(this.counting);
    this.showWait(seconds ?? 0);
    if (seconds) this.counting = setInterval(() => this.showWait(this.data.wait - 1), SECOND_MS);
  },

  showWait(wait: number) {
    if (wait <= 0) clearInterval(this.counting);
    this.setData({ wait, waitText: wait > 0 ? t('job.retry_in', { seconds: wait }) : t('job.retry') });
  },

  // In the kiln

  async cancel() {
    const { following } = this;
    if (!following || this.data.cancelling) return;
    if (following.state.kind === 'running' && !(await this.wantsToStop())) return;
    this.setData({ cancelling: true });
    try {
      await following.cancel();
    } catch (error) {
      tell(wordsOf(error));
    } finally {
      this.setData({ cancelling: false });
    }
  },

  async wantsToStop(): Promise<boolean> {
    const { confirm } = await wx.showModal({
      title: t('job.cancel_title'),
      content: t('job.cancel_text'),
      confirmText: t('job.cancel_yes'),
      cancelText: t('job.cancel_no'),
    });
    return confirm;
  },

  async promiseNotice() {
    const accepted = await notices.ask(this.templates);
    const { work } = this;
    if (!work || !accepted.length) return;
    try {
      await Promise.all(accepted.map((template) => stylizations.notify(work.id, template)));
      this.setData({ 'notice.promised': true });
    } catch (error) {
      tell(wordsOf(error));
    }
  },

  // Not come out of it

  /** Asked for again where it is only not known what became of it; else fired again. */
  retry() {
    const { following, work } = this;
    if (!following) return;
    if (work?.content) return this.again();
    if (following === live && live.id) return live.recover();
    return following.retry();
  },

  /** The same photograph in the same look once more. */
  async again() {
    const { work } = this;
    const photo = work && photoOf(work);
    if (!photo) return live.retry();
    await fire(orderOf(photo, lookOf(work), newKey()));
    return this.watch(live, false);
  },

  toCreate() {
    void wx.switchTab({ url: HOME });
  },

  toWorks() {
    void wx.switchTab({ url: '/pages/works/works' });
  },

  // Out of it

  /** Its addresses are signed and may have run out: they are asked for anew, once. */
  async broken() {
    const { work } = this;
    if (!work) return;
    this.setData({ pictureLost: this.hasRenewed });
    if (this.hasRenewed) return;
    this.hasRenewed = true;
    await this.renew();
  },

  async renew() {
    const { work } = this;
    if (!work) return;
    try {
      this.onWork(await stylizations.find(work.id));
      this.setData({ pictureLost: false });
    } catch {
      this.setData({ pictureLost: true });
    }
  },

  preview() {
    const { work } = this;
    const urls = [work?.result?.url, work?.content?.url].filter((url): url is string => Boolean(url));
    if (urls.length) void wx.previewImage({ urls });
  },

  // The same photograph in another look

  openRerun() {
    const { work } = this;
    if (!work) return;
    this.setData({ 'rerun.open': true });
    this.setChoice(choiceOf(work));
    void this.loadLooks();
  },

  closeRerun() {
    this.setData({ 'rerun.open': false });
    this.stopLooking();
  },

  onChoice() {
    const need = missingStyle(this.data.choice);
    this.setData({ 'rerun.need': need ? t(`create.${need}`) : '' });
  },

  async startRerun() {
    const photo = this.work && photoOf(this.work);
    if (!photo || this.data.rerun.need || this.data.rerun.busy) return;
    this.setData({ 'rerun.busy': true });
    try {
      await fire(orderOf(photo, this.chosenLook(), newKey()));
      this.closeRerun();
      this.watch(live, false);
      void wx.pageScrollTo({ scrollTop: 0, duration: 0 });
    } finally {
      this.setData({ 'rerun.busy': false });
    }
  },

  fineTune() {
    if (this.work) handover.leave({ again: this.work });
    this.closeRerun();
    this.toCreate();
  },

  onShareAppMessage(): WechatMiniprogram.Page.ICustomShareContent | WechatMiniprogram.Page.IAsyncCustomShareContent {
    const { work } = this;
    return work?.result ? messageOf(work, this.data.share.path) : { title: t('job.share_words'), path: HOME };
  },
});

const TITLES = {
  loading: 'job.title_gone',
  none: 'job.title_gone',
  open: 'job.title_open',
  done: 'job.title_done',
  expired: 'job.title_gone',
  removed: 'job.title_gone',
  failed: 'job.title_failed',
  cancelled: 'job.title_cancelled',
  missing: 'job.title_gone',
  unreached: 'job.title_gone',
} as const;

/** `t` for the words of this page. */
function say(key: Extract<keyof typeof zh, string>, params?: Record<string, string | number>): string {
  return t(`job.${key}`, params);
}
