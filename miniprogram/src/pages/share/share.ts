/** The page of a shared work. It needs no login. */
import { localizedTexts } from '../../behaviors/texts';
import { localized, t } from '../../i18n/index';
import { PAGES } from '../../paths';
import { codeOf, messageOf } from '../../services/errors';
import { dateText } from '../../services/format';
import { styles } from '../../services/styles';
import { type SharedWork, sharePath, stylizations } from '../../services/stylizations';
import { tabParameters } from '../../store/tab-parameters';
import { pictureHeight } from '../picture-height';
import { isTemporary, type Problem, problemOf, styleIdByName, tokenOf } from './shared-work';

/** The scene of a post in Moments: it shows this page alone, without navigation. */
const SINGLE_PAGE_SCENE = 1154;
/** Bounds in rpx that no result exceeds, so that the picture is never cropped. */
const FRAME = { min: 320, max: 1040, unknown: 686 };

Page({
  behaviors: [localizedTexts('share')],

  data: {
    stage: 'loading' as 'loading' | 'ready' | Problem,
    title: '',
    text: '',
    /** The label of the retry button; '' hides it. */
    retryText: '',
    work: null as { picture: string; height: number; name: string; alt: string; made: string; date: string } | null,
    isPictureBroken: false,
    isSinglePage: false,
    isOwn: false,
  },

  token: '',
  shared: null as SharedWork | null,
  error: null as unknown,
  hasReloaded: false,
  visible: false,

  onLoad(query: { token?: string; scene?: string; own?: string }) {
    this.token = tokenOf(query);
    this.setData({ isSinglePage: wx.getLaunchOptionsSync().scene === SINGLE_PAGE_SCENE, isOwn: query.own === '1' });
    return this.load();
  },

  onShow() {
    this.visible = true;
    this.updateTitle();
  },

  onTexts() {
    if (this.visible) this.updateTitle();
    this.render();
  },

  updateTitle() {
    void wx.setNavigationBarTitle({ title: t('share.title') });
  },

  async load() {
    this.error = null;
    if (!this.shared) this.setData({ stage: 'loading' });
    try {
      this.shared = await stylizations.shared(this.token);
      this.setData({ stage: 'ready', isPictureBroken: false });
    } catch (error) {
      this.error = error;
      if (!this.shared) this.setData({ stage: problemOf(codeOf(error)) });
    }
    this.render();
  },

  render() {
    const { stage } = this.data;
    if (this.shared) this.setData({ work: viewOf(this.shared) });
    if (stage === 'loading' || stage === 'ready') return;
    this.setData({
      title: t(`share.title_${stage}`),
      text: stage === 'failed' ? messageOf(this.error) : t(`share.text_${stage}`),
      retryText: isTemporary(stage) ? t('share.again') : '',
    });
  },

  /** The signed address may have expired, so the work is reloaded once. */
  pictureFailed() {
    this.setData({ isPictureBroken: true });
    if (this.hasReloaded) return;
    this.hasReloaded = true;
    void this.load();
  },

  reload() {
    return this.load();
  },

  previewPicture() {
    if (this.shared) void wx.previewImage({ urls: [this.shared.result_url] });
  },

  /** Opens the create page, with the same style if it can be found. */
  async openCreate() {
    const { shared } = this;
    const styleId = shared ? await styles.all().then((all) => styleIdByName(shared.style, all), () => undefined) : undefined;
    if (styleId) tabParameters.set({ styleId });
    void wx.switchTab({ url: PAGES.create });
  },

  // Both share the full picture, a JPEG: the thumbnail is a WebP, which WeChat does not accept.
  onShareAppMessage() {
    return {
      title: this.shareTitle(),
      path: sharePath(this.token),
      ...(this.shared ? { imageUrl: this.shared.result_url } : {}),
    };
  },

  onShareTimeline() {
    return {
      title: this.shareTitle(),
      query: `token=${this.token}`,
      ...(this.shared ? { imageUrl: this.shared.result_url } : {}),
    };
  },

  shareTitle(): string {
    return this.data.work ? t('share.share_text', { name: this.data.work.name }) : t('share.title');
  },
});

function viewOf({ style, tau, title, created_at, result_url, width, height }: SharedWork) {
  const name = title || t('common.untitled_work', { style: localized(style) });
  return {
    picture: result_url,
    height: pictureHeight({ width, height }, FRAME),
    name,
    alt: t('share.picture_alt', { name }),
    made: t('share.made', { style: localized(style), tau }),
    date: dateText(created_at),
  };
}
