/** The job page: a job in progress, its result, or how it ended otherwise. */
import { localizedTexts } from '../../behaviors/texts';
import { localized, t, type TextParams } from '../../i18n/index';
import type { job as zh } from '../../i18n/zh/job';
import { newClientKey } from '../../jobs/client-key';
import { currentJob } from '../../jobs/current-job';
import { isCutOff, isOpen, type JobState, jobOf } from '../../jobs/job-state';
import { type TrackedJob, trackJob } from '../../jobs/tracked-job';
import { PAGES } from '../../paths';
import { messageOf } from '../../services/errors';
import { dateText, durationText, percent } from '../../services/format';
import { serviceConfig } from '../../services/service-config';
import { parametersOfWork, type Stylization, stylizations } from '../../services/stylizations';
import { subscribeMessages } from '../../services/subscribe-messages';
import { uploadedPhotoOf } from '../../store/draft';
import { tabParameters } from '../../store/tab-parameters';
import { choiceOf, missingStyle } from '../create/choice';
import { parametersForm } from '../create/parameters';
import { requestOf } from '../create/request';
import { isLongWait, submit } from '../create/submission';
import { definePage } from '../define-page';
import { showToast } from '../toast';
import { type Progress, progressOf } from './progress';
import { canRetry, type Screen, screenOf } from './screen';
import { shareMessageOf, sharing } from './sharing';
import { workActions } from './work-actions';
import { type WorkView, workViewOf } from './work-view';

const SECOND_MS = 1000;

definePage(localizedTexts('job', 'create'), [parametersForm, workActions, sharing], {
  data: {
    screen: 'loading' as Screen,
    progress: null as Progress | null,
    /** The hint below the progress. */
    note: '',
    offline: '',
    /** The address of the photo, shown while there is no result. */
    photo: '',
    failure: { text: '', canRetry: false, isCutOff: false },
    /** Seconds until a retry is possible. */
    wait: 0,
    waitText: '',
    cancelling: false,
    /** Whether a message at the end can be requested, and whether it has been. */
    notification: { offered: false, requested: false },
    view: null as WorkView | null,
    isPictureBroken: false,
    rerun: { open: false, busy: false, need: '' },
  },

  templates: [] as string[],
  work: null as Stylization | null,
  tracked: null as TrackedJob | null,
  isJobExpected: false,
  isRemoved: false,
  unsubscribe: () => {},
  countdown: 0 as unknown as ReturnType<typeof setInterval>,
  hasReloaded: false,

  onLoad({ id, photo = '' }: Record<string, string | undefined>) {
    this.setData({ photo: decodeURIComponent(photo) });
    if (id && id !== currentJob.id) this.track(trackJob(id), true);
    else this.track(currentJob, currentJob.id !== null);
    void this.loadTemplates();
  },

  async loadTemplates() {
    this.templates = await serviceConfig().then(
      ({ notice_templates }) => notice_templates,
      () => [], // without templates no message is offered
    );
    if (this.tracked) this.render(this.tracked.state);
  },

  onUnload() {
    this.stopTracking();
    // The user has seen the result, so the create page need not offer it any more.
    if (this.tracked === currentJob && !isOpen(currentJob.state) && !isCutOff(currentJob.state)) currentJob.clear();
  },

  onTexts() {
    if (this.tracked) this.render(this.tracked.state);
  },

  track(tracked: TrackedJob, isJobExpected: boolean) {
    this.stopTracking();
    this.tracked = tracked;
    this.isJobExpected = isJobExpected;
    this.isRemoved = false;
    this.work = null;
    this.hasReloaded = false;
    this.setData({ 'notification.requested': false });
    this.unsubscribe = tracked.subscribe((state) => this.onState(state));
  },

  stopTracking() {
    this.unsubscribe();
    clearInterval(this.countdown);
    if (this.tracked && this.tracked !== currentJob) this.tracked.stop();
  },

  onState(state: JobState) {
    const before = this.data.screen;
    this.work = jobOf(state) ?? this.work;
    this.render(state);
    this.startCountdown(state.kind === 'failed' ? state.retryAfterS : null);
    if (before === 'open' && this.data.screen === 'done') void wx.vibrateShort({ type: 'light' });
  },

  onWorkChanged(work: Stylization) {
    this.work = work;
    this.isRemoved = false;
    if (this.tracked) this.render(this.tracked.state);
  },

  onWorkRemoved() {
    this.isRemoved = true;
    if (this.tracked) this.render(this.tracked.state);
  },

  /** The time for undo is over, so the page closes. */
  onRemovalFinal() {
    if (getCurrentPages().length > 1) void wx.navigateBack();
    else this.openWorks();
  },

  render(state: JobState) {
    const { work } = this;
    const screen = this.isRemoved ? 'removed' : screenOf(state, this.isJobExpected);
    const isUploading = state.kind === 'uploading';
    this.setData({
      screen,
      progress: progressOf(state, { text: jobText, percent, duration: durationText }),
      note: t(isUploading ? 'job.upload_note' : 'job.leave_note'),
      offline: state.offline ? t(isUploading ? 'job.offline_upload' : 'job.offline') : '',
      'notification.offered': this.templates.length > 0 && isLongWait(state),
      view: work && workViewOf(work, { localized, dateText, text: jobText, untitled: (style) => t('common.untitled_work', { style }) }),
      ...(state.kind === 'failed' ? { failure: { text: state.message, canRetry: canRetry(state), isCutOff: isCutOff(state) } } : {}),
      ...(work?.content ? { photo: work.content.url } : {}),
    });
    void wx.setNavigationBarTitle({ title: t(TITLES[screen]) });
  },

  startCountdown(seconds: number | null) {
    clearInterval(this.countdown);
    this.showWait(seconds ?? 0);
    if (seconds) this.countdown = setInterval(() => this.showWait(this.data.wait - 1), SECOND_MS);
  },

  showWait(wait: number) {
    if (wait <= 0) clearInterval(this.countdown);
    this.setData({ wait, waitText: wait > 0 ? t('job.retry_in', { seconds: wait }) : t('job.retry') });
  },

  // A job in progress

  async cancel() {
    const { tracked } = this;
    if (!tracked || this.data.cancelling) return;
    if (tracked.state.kind === 'running' && !(await this.confirmsCancel())) return;
    this.setData({ cancelling: true });
    try {
      await tracked.cancel();
    } catch (error) {
      showToast(messageOf(error));
    } finally {
      this.setData({ cancelling: false });
    }
  },

  async confirmsCancel(): Promise<boolean> {
    const { confirm } = await wx.showModal({
      title: t('job.cancel_title'),
      content: t('job.cancel_text'),
      confirmText: t('job.cancel_yes'),
      cancelText: t('job.cancel_no'),
    });
    return confirm;
  },

  async requestNotification() {
    const accepted = await subscribeMessages.request(this.templates);
    const { work } = this;
    if (!work || !accepted.length) return;
    try {
      await Promise.all(accepted.map((template) => stylizations.notify(work.id, template)));
      this.setData({ 'notification.requested': true });
    } catch (error) {
      showToast(messageOf(error));
    }
  },

  // A job that failed or was cancelled

  /** Submits the job again if it is known to have failed; otherwise requests its state again. */
  retry() {
    const { tracked, work } = this;
    if (!tracked) return;
    if (work?.content) return this.repeat();
    if (tracked === currentJob && currentJob.id) return currentJob.recover();
    return tracked.retry();
  },

  /** Submits the same photo with the same parameters. */
  async repeat() {
    const { work } = this;
    const photo = work && uploadedPhotoOf(work);
    if (!photo) return currentJob.retry();
    await submit(requestOf(photo, parametersOfWork(work), newClientKey()));
    return this.track(currentJob, false);
  },

  openCreate() {
    void wx.switchTab({ url: PAGES.create });
  },

  openWorks() {
    void wx.switchTab({ url: PAGES.works });
  },

  // A result

  /** The signed addresses may have expired, so the work is reloaded once. */
  async pictureFailed() {
    const { work } = this;
    if (!work) return;
    this.setData({ isPictureBroken: this.hasReloaded });
    if (this.hasReloaded) return;
    this.hasReloaded = true;
    await this.reloadWork();
  },

  async reloadWork() {
    const { work } = this;
    if (!work) return;
    try {
      this.onWorkChanged(await stylizations.find(work.id));
      this.setData({ isPictureBroken: false });
    } catch {
      this.setData({ isPictureBroken: true });
    }
  },

  preview() {
    const { work } = this;
    const urls = [work?.result?.url, work?.content?.url].filter((url): url is string => Boolean(url));
    if (urls.length) void wx.previewImage({ urls });
  },

  // The same photo with other parameters

  openRerun() {
    const { work } = this;
    if (!work) return;
    this.setData({ 'rerun.open': true });
    this.setChoice(choiceOf(parametersOfWork(work)));
    void this.loadStyles();
  },

  closeRerun() {
    this.setData({ 'rerun.open': false });
    this.stopPolling();
  },

  onChoiceChanged() {
    const need = missingStyle(this.data.choice);
    this.setData({ 'rerun.need': need ? t(`create.${need}`) : '' });
  },

  async startRerun() {
    const photo = this.work && uploadedPhotoOf(this.work);
    if (!photo || this.data.rerun.need || this.data.rerun.busy) return;
    this.setData({ 'rerun.busy': true });
    try {
      await submit(requestOf(photo, this.chosenParameters(), newClientKey()));
      this.closeRerun();
      this.track(currentJob, false);
      void wx.pageScrollTo({ scrollTop: 0, duration: 0 });
    } finally {
      this.setData({ 'rerun.busy': false });
    }
  },

  openRerunOnCreatePage() {
    if (this.work) tabParameters.set({ rerun: { work: this.work, parameters: this.chosenParameters() } });
    this.closeRerun();
    this.openCreate();
  },

  onShareAppMessage(): WechatMiniprogram.Page.ICustomShareContent | WechatMiniprogram.Page.IAsyncCustomShareContent {
    const { work } = this;
    return work?.result ? shareMessageOf(work, this.data.share.path) : { title: t('job.share_text'), path: PAGES.create };
  },
});

const TITLES = {
  loading: 'job.title_other',
  none: 'job.title_other',
  open: 'job.title_open',
  done: 'job.title_done',
  expired: 'job.title_other',
  removed: 'job.title_other',
  failed: 'job.title_failed',
  cancelled: 'job.title_cancelled',
  missing: 'job.title_other',
  unreachable: 'job.title_other',
} as const;

/** `t` for the texts of this page. */
function jobText(key: Extract<keyof typeof zh, string>, params?: TextParams): string {
  return t(`job.${key}`, params);
}
