/** What the marks on and in a work are, and why they have to stay. */
import { wordsFor } from '../../behaviors/words';
import { t } from '../../i18n/index';
import { limits } from '../../services/limits';

Page({
  behaviors: [wordsFor('marks')],

  data: { notice: '' },

  onShow() {
    void wx.setNavigationBarTitle({ title: t('marks.title') });
  },

  async onWords() {
    const config = await limits().catch(() => null);
    this.setData({ notice: config?.label_notice ?? '' });
  },
});
