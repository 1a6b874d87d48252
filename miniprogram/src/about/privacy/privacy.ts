/** The privacy page: what is collected and why, how long it is kept, who can see it, and how to delete it. */
import { localizedTexts } from '../../behaviors/texts';
import { t } from '../../i18n/index';
import { serviceConfig } from '../../services/service-config';

Page({
  behaviors: [localizedTexts('privacy')],

  data: { retention: '' },

  onShow() {
    void wx.setNavigationBarTitle({ title: t('privacy.title') });
  },

  async onTexts() {
    const config = await serviceConfig().catch(() => null);
    this.setData({
      retention: config
        ? t('privacy.long_text', {
            originals: Math.round(config.original_days),
            results: Math.round(config.result_days),
          })
        : t('privacy.long_unknown'),
    });
  },

  /** Opens the privacy agreement that is registered with WeChat. */
  openContract() {
    wx.openPrivacyContract({});
  },
});
