/** The page about AI labels: what the visible and the hidden label of a work are, and why they have to stay. */
import { localizedTexts } from '../../behaviors/texts';
import { t } from '../../i18n/index';
import { serviceConfig } from '../../services/service-config';

Page({
  behaviors: [localizedTexts('marks')],

  data: { notice: '' },

  onShow() {
    void wx.setNavigationBarTitle({ title: t('marks.title') });
  },

  async onTexts() {
    const config = await serviceConfig().catch(() => null);
    this.setData({ notice: config?.label_notice ?? '' });
  },
});
