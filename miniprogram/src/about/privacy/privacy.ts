/** What is collected and why, for how long, who sees it, and how to delete it. */
import { wordsFor } from '../../behaviors/words';
import { t } from '../../i18n/index';
import { limits } from '../../services/limits';
import { privacy } from '../../services/privacy';

Page({
  behaviors: [wordsFor('privacy')],

  data: { kept: '' },

  onShow() {
    void wx.setNavigationBarTitle({ title: t('privacy.title') });
  },

  async onWords() {
    const config = await limits().catch(() => null);
    this.setData({
      kept: config
        ? t('privacy.long_text', {
            originals: Math.round(config.original_days),
            results: Math.round(config.result_days),
          })
        : t('privacy.long_unknown'),
    });
  },

  openContract() {
    privacy.openContract();
  },
});
