/** A work as it was sent to somebody: to be looked at, without a login. */
import { wordsFor } from '../../behaviors/words';
import { nameOf, t } from '../../i18n/index';
import { codeOf, wordsOf } from '../../services/errors';
import { dateOf } from '../../services/format';
import { styles } from '../../services/styles';
import { type Shared, stylizations } from '../../services/stylizations';
import { handover } from '../../store/handover';
import { heightWithin } from '../frame';
import { isPassing, styleCalled, tokenOf, type Trouble, troubleOf } from './opened';

/** A post in Moments opens this one page, from which no other can be reached. */
const SINGLE_PAGE = 1154;
/** So wide that a shared picture is never cut. */
const FRAME = { lowest: 320, highest: 1040, unknown: 686 };

Page({
  behaviors: [wordsFor('share')],

  data: {
    stage: 'loading' as 'loading' | 'ready' | Trouble,
    title: '',
    text: '',
    again: '',
    work: null as { picture: string; height: number; name: string; alt: string; made: string; date: string } | null,
    pictureLost: false,
    isSingle: false,
    isOwn: false,
  },

  token: '',
  shared: null as Shared | null,
  problem: null as unknown,
  hasRenewed: false,
  visible: false,

  onLoad(query: { token?: string; scene?: string; own?: string }) {
    this.token = tokenOf(query);
    this.setData({ isSingle: wx.getLaunchOptionsSync().scene === SINGLE_PAGE, isOwn: query.own === '1' });
    return this.load();
  },

  onShow() {
    this.visible = true;
    this.entitle();
  },

  onWords() {
    if (this.visible) this.entitle();
    this.draw();
  },

  entitle() {
    void wx.setNavigationBarTitle({ title: t('share.title') });
  },

  async load() {
    this.problem = null;
    if (!this.shared) this.setData({ stage: 'loading' });
    try {
      this.shared = await stylizations.shared(this.token);
      this.setData({ stage: 'ready', pictureLost: false });
    } catch (error) {
      this.problem = error;
      if (!this.shared) this.setData({ stage: troubleOf(codeOf(error)) });
    }
    this.draw();
  },

  draw() {
    const { stage } = this.data;
    if (this.shared) this.setData({ work: drawn(this.shared) });
    if (stage === 'loading' || stage === 'ready') return;
    this.setData({
      title: t(`share.title_${stage}`),
      text: stage === 'failed' ? wordsOf(this.problem) : t(`share.text_${stage}`),
      again: isPassing(stage) ? t('share.again') : '',
    });
  },

  /** Its address is signed and may have run out: it is asked for anew, once. */
  pictureBroken() {
    this.setData({ pictureLost: true });
    if (this.hasRenewed) return;
    this.hasRenewed = true;
    void this.load();
  },

  loadAgain() {
    return this.load();
  },

  look() {
    if (this.shared) void wx.previewImage({ urls: [this.shared.result_url] });
  },

  /** In the same style where it can be found; to begin matters more than that. */
  async tryIt() {
    const { shared } = this;
    const styleId = shared ? await styles.all().then((all) => styleCalled(shared.style, all), () => undefined) : undefined;
    if (styleId) handover.leave({ styleId });
    void wx.switchTab({ url: '/pages/create/create' });
  },

  // The whole picture is a JPEG; its thumb is a WebP, which WeChat does not take.
  onShareAppMessage() {
    return {
      title: this.words(),
      path: `/pages/share/share?token=${this.token}`,
      ...(this.shared ? { imageUrl: this.shared.result_url } : {}),
    };
  },

  onShareTimeline() {
    return {
      title: this.words(),
      query: `token=${this.token}`,
      ...(this.shared ? { imageUrl: this.shared.result_url } : {}),
    };
  },

  words(): string {
    return this.data.work ? t('share.share_words', { name: this.data.work.name }) : t('share.title');
  },
});

function drawn({ style, tau, title, created_at, result_url, width, height }: Shared) {
  const name = title || t('share.untitled', { style: nameOf(style) });
  return {
    picture: result_url,
    height: heightWithin({ width, height }, FRAME),
    name,
    alt: t('share.picture_alt', { name }),
    made: t('share.made', { style: nameOf(style), tau }),
    date: dateOf(created_at),
  };
}
