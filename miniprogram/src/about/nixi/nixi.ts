/** The page about Nixi black pottery, the craft that this mini program is dedicated to. */
import { localizedTexts } from '../../behaviors/texts';
import { t } from '../../i18n/index';
import { PAGES } from '../../paths';
import { NIXI_STYLE_ID } from '../../services/styles';
import { tabParameters } from '../../store/tab-parameters';
import { STEPS } from './steps';

Page({
  behaviors: [localizedTexts('nixi')],

  data: {
    steps: [] as { key: string; picture: string; name: string; text: string }[],
  },

  onShow() {
    void wx.setNavigationBarTitle({ title: t('nixi.bar') });
  },

  onTexts() {
    this.setData({
      steps: STEPS.map((key) => ({
        key,
        picture: `/about/pictures/${key}.webp`,
        name: t(`nixi.step_${key}` as const),
        text: t(`nixi.step_${key}_text` as const),
      })),
    });
  },

  useStyle() {
    tabParameters.set({ styleId: NIXI_STYLE_ID });
    void wx.switchTab({ url: PAGES.create });
  },
});
