/** The create page: choose a photo and style parameters, then start a job. */
import { localizedTexts } from '../../behaviors/texts';
import { t } from '../../i18n/index';
import { newClientKey } from '../../jobs/client-key';
import { currentJob } from '../../jobs/current-job';
import { isOpen, type JobState, jobOf } from '../../jobs/job-state';
import { PAGES } from '../../paths';
import { watchNetwork } from '../../services/network';
import { serviceConfig, type ServiceConfig } from '../../services/service-config';
import type { Style } from '../../services/styles';
import { subscribeMessages } from '../../services/subscribe-messages';
import { draft, uploadedPhotoOf } from '../../store/draft';
import { tabParameters } from '../../store/tab-parameters';
import { definePage } from '../define-page';
import { addStyle } from '../styles/add-style';
import { choiceOf, withStyle } from './choice';
import { parametersForm } from './parameters';
import { photoInput } from './photo-input';
import { isLocal, missingInput, photoUrl, requestOf } from './request';
import { isLongWait, jobPageUrl, submit } from './submission';

/** The text key of the bar that leads to the current job; '' hides the bar. */
type BarText = 'current_job_back' | 'current_job_done' | 'current_job_failed' | '';

definePage(localizedTexts('create', 'styles'), [photoInput, parametersForm, addStyle], {
  data: {
    /** The text key in `create` that says which input is missing; null enables the start button. */
    need: 'need_photo' as ReturnType<typeof missingInput>,
    currentJobBar: '' as BarText,
    offline: false,
    starting: false,
  },

  visible: false,
  config: null as ServiceConfig | null,
  /** The path of the photo that is being uploaded. */
  uploadingPath: '',
  unsubscribe: () => {},
  stopWatchingNetwork: () => {},

  onLoad() {
    const { photo, ...parameters } = draft.get();
    if (photo) this.setPhoto(photo);
    this.setChoice(choiceOf(parameters));
    this.unsubscribe = currentJob.subscribe((state) => this.onJobState(state));
    this.stopWatchingNetwork = watchNetwork((isConnected) => this.onNetwork(isConnected));
  },

  onShow() {
    this.visible = true;
    this.updateTitle();
    this.applyTabParameters();
    void this.loadChatPhoto();
    void this.loadStyles();
    void this.loadConfig();
  },

  onHide() {
    this.visible = false;
    this.stopPolling();
  },

  onUnload() {
    this.unsubscribe();
    this.stopWatchingNetwork();
  },

  onTexts() {
    if (this.visible) this.updateTitle();
    this.renderParameters();
  },

  updateTitle() {
    void wx.setNavigationBarTitle({ title: t('create.title') });
  },

  async onPullDownRefresh() {
    await this.loadStyles(true);
    void wx.stopPullDownRefresh();
  },

  onNetwork(isConnected: boolean) {
    this.setData({ offline: !isConnected });
    if (isConnected && this.data.parameters.stage === 'failed') void this.reloadStyles();
  },

  applyTabParameters() {
    const given = tabParameters.take();
    if (given?.rerun) {
      this.setPhotoOfWork(given.rerun.work);
      this.setChoice(choiceOf(given.rerun.parameters));
    } else if (given?.styleId) {
      this.setChoice(withStyle({ ...this.data.choice, mixing: false, tau: null }, given.styleId));
      this.showCategory('');
    }
  },

  async loadConfig() {
    this.config = await serviceConfig().catch(() => null);
  },

  onPhotoChanged() {
    this.onInputChanged();
  },

  onChoiceChanged() {
    this.onInputChanged();
  },

  onInputChanged() {
    const { photo, choice } = this.data;
    this.setData({ need: missingInput(photo, choice) });
    const { styles, tau, keepColor, brush, levels } = choice;
    draft.set({ styles, tau, keepColor, brush, levels, photo: photo && !isLocal(photo) ? photo : null });
  },

  async onStyleAdded(style: Style) {
    await this.loadStyles(true);
    this.showCategory('own');
    this.applyStyle(style.id);
  },

  onJobState(state: JobState) {
    this.setData({ currentJobBar: barTextFor(state) });
    const job = jobOf(state);
    const { photo } = this.data;
    // The photo is now on the service, so another request with it needs no second upload.
    if (job && photo && isLocal(photo) && photo.path === this.uploadingPath) this.setPhoto(uploadedPhotoOf(job) ?? photo);
  },

  async start() {
    const { photo, need, starting } = this.data;
    if (starting || !photo || need) return;
    this.setData({ starting: true });
    try {
      // This comes first, because WeChat permits the question only inside the tap.
      const templates = isLongWait(currentJob.state) ? await subscribeMessages.request(this.config?.notice_templates ?? []) : [];
      const request = requestOf(photo, this.chosenParameters(), newClientKey());
      this.uploadingPath = isLocal(photo) ? photo.path : '';
      const url = (await submit(request, templates)) ? jobPageUrl(photoUrl(photo)) : PAGES.job;
      void wx.navigateTo({ url });
    } finally {
      this.setData({ starting: false });
    }
  },

  openCurrentJob() {
    void wx.navigateTo({ url: PAGES.job });
  },

  openStyles() {
    void wx.switchTab({ url: PAGES.styles });
  },
});

function barTextFor(state: JobState): BarText {
  if (isOpen(state)) return 'current_job_back';
  if (state.kind === 'done') return 'current_job_done';
  return state.kind === 'failed' ? 'current_job_failed' : '';
}
