/** The user's page: language, permissions, information and data deletion. */
import { localizedTexts } from '../../behaviors/texts';
import { setLanguage, t } from '../../i18n/index';
import { PAGES } from '../../paths';
import { account } from '../../services/account';
import { album } from '../../services/album';
import { messageOf } from '../../services/errors';
import { serviceConfig } from '../../services/service-config';
import { type Preferences, preferences } from '../../store/preferences';
import { showToast } from '../toast';
import { erasure } from './erasure';

type LanguageChoice = Preferences['language'];
type LanguageTap = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, { key: LanguageChoice }>;

const LANGUAGE_CHOICES: readonly LanguageChoice[] = ['auto', 'zh', 'en'];

Page({
  behaviors: [localizedTexts('mine'), erasure],

  data: {
    languages: [] as { key: LanguageChoice; name: string }[],
    language: 'auto' as LanguageChoice,
    retention: '',
    userId: '',
    version: '',
  },

  visible: false,

  async onShow() {
    this.visible = true;
    const { version, envVersion } = wx.getAccountInfoSync().miniProgram;
    this.setData({ version: version || envVersion });
    this.updateTitle();
    await Promise.all([this.showRetention(), this.showUserId()]);
  },

  onHide() {
    this.visible = false;
  },

  onTexts() {
    if (this.visible) this.updateTitle();
    this.setData({
      language: preferences.get().language,
      languages: LANGUAGE_CHOICES.map((key) => ({ key, name: t(`mine.language_${key}` as const) })),
    });
    void this.showRetention();
  },

  updateTitle() {
    void wx.setNavigationBarTitle({ title: t('mine.title') });
  },

  async showRetention() {
    const config = await serviceConfig().catch(() => null);
    const retention = config
      ? t('mine.kept_text', { originals: Math.round(config.original_days), results: Math.round(config.result_days) })
      : t('mine.kept_unknown');
    this.setData({ retention });
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
      showToast(messageOf(error) || t('mine.permissions_denied'));
    }
  },

  async copyUserId() {
    if (!this.data.userId) return;
    await wx.setClipboardData({ data: this.data.userId });
    showToast(t('mine.user_id_copied'));
  },

  openNixi() {
    void wx.navigateTo({ url: PAGES.nixi });
  },

  openPrivacy() {
    void wx.navigateTo({ url: PAGES.privacy });
  },

  openMarks() {
    void wx.navigateTo({ url: PAGES.marks });
  },
});
