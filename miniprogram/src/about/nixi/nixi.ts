/** The story of Nixi black pottery, which is why this mini program exists. */
import { wordsFor } from '../../behaviors/words';
import { t } from '../../i18n/index';
import { handover } from '../../store/handover';
import { STEPS } from './steps';

Page({
  behaviors: [wordsFor('nixi')],

  data: {
    steps: [] as { key: string; picture: string; name: string; text: string }[],
  },

  onShow() {
    void wx.setNavigationBarTitle({ title: t('nixi.bar') });
  },

  onWords() {
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
    handover.leave({ styleId: 'nixi-black-pottery' });
    void wx.switchTab({ url: '/pages/create/create' });
  },
});
