/** One's own page: language, the craft, privacy, permissions, and what is kept of oneself. */
import { wordsFor } from '../../behaviors/words';
import { setLanguage, t } from '../../i18n/index';
import { account } from '../../services/account';
import { album } from '../../services/album';
import { wordsOf } from '../../services/errors';
import { limits } from '../../services/limits';
import { preferences } from '../../store/preferences';
import { tell } from '../tell';
import { erasing } from './erasing';

type Language = 'auto' | 'zh' | 'en';
type LanguageTap = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, { key: Language }>;

const LANGUAGES: readonly Language[] = ['auto', 'zh', 'en'];

Page({
  behaviors: [wordsFor('mine'), erasing],

  data: {
    languages: [] as { key: Language; name: string }[],
    language: 'auto' as Language,
    kept: '',
    userId: '',
    version: '',
  },

  visible: false,

  async onShow() {
    this.visible = true;
    const { version, envVersion } = wx.getAccountInfoSync().miniProgram;
    this.setData({ version: version || envVersion });
    this.entitle();
    await Promise.all([this.showKept(), this.showUserId()]);
  },

  onHide() {
    this.visible = false;
  },

  onWords() {
    if (this.visible) this.entitle();
    this.setData({
      language: preferences.get().language,
      languages: LANGUAGES.map((key) => ({ key, name: t(`mine.language_${key}` as const) })),
    });
    void this.showKept();
  },

  entitle() {
    void wx.setNavigationBarTitle({ title: t('mine.title') });
  },

  async showKept() {
    const config = await limits().catch(() => null);
    const kept = config
      ? t('mine.kept_text', { originals: Math.round(config.original_days), results: Math.round(config.result_days) })
      : t('mine.kept_unknown');
    this.setData({ kept });
  },

  async showUserId() {
    this.setData({ userId: await account.userId().catch(() => '') });
  },

  chooseLanguage(event: LanguageTap) {
    const { key } = event.currentTarget.dataset;
    setLanguage(key);
    this.setData({ language: key });
  },

  async openPermissions() {
    try {
      await album.openSettings();
    } catch (error) {
      tell(wordsOf(error) || t('mine.permissions_denied'));
    }
  },

  async copyUserId() {
    if (!this.data.userId) return;
    await wx.setClipboardData({ data: this.data.userId });
    tell(t('mine.user_id_copied'));
  },

  readNixi() {
    void wx.navigateTo({ url: '/about/nixi/nixi' });
  },

  readPrivacy() {
    void wx.navigateTo({ url: '/about/privacy/privacy' });
  },

  readMarks() {
    void wx.navigateTo({ url: '/about/marks/marks' });
  },
});
