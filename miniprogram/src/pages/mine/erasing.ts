/** Deleting everything of one's own, with a question, words to type, and a last word: a behaviour of the page. */
import { t } from '../../i18n/index';
import { account } from '../../services/account';
import { wordsOf } from '../../services/errors';

type Step = 'ask' | 'sure' | 'busy' | 'done';

/** The step stays when the sheet closes, so that its words do not change while it slides away. */
const CLOSED = { open: false, step: 'ask' as Step, typed: '', agreed: false, problem: '' };

export const erasing = Behavior({
  data: { erasing: CLOSED },
  methods: {
    askErase() {
      this.setData({ erasing: { ...CLOSED, open: true } });
    },

    makeSure() {
      this.setData({ 'erasing.step': 'sure' });
    },

    typeErase(event: WechatMiniprogram.Input) {
      const typed = event.detail.value;
      this.setData({ 'erasing.typed': typed, 'erasing.agreed': means(typed, t('mine.erase_words')) });
    },

    async erase() {
      if (!this.data.erasing.agreed) return;
      this.setData({ 'erasing.step': 'busy', 'erasing.problem': '' });
      try {
        await account.eraseEverything();
        this.setData({ 'erasing.step': 'done' });
      } catch (error) {
        this.setData({ 'erasing.step': 'sure', 'erasing.problem': wordsOf(error) });
      }
    },

    /** While it deletes, the sheet stays: nobody shall wonder whether it happened. */
    leaveErase() {
      const { step } = this.data.erasing;
      if (step === 'busy') return;
      this.setData({ 'erasing.open': false });
      if (step === 'done') void wx.reLaunch({ url: '/pages/create/create' });
    },
  },
});

/** Whether what was typed is the sentence that was asked for; capitals and spaces around do not matter. */
export function means(typed: string, asked: string): boolean {
  return typed.trim().toLowerCase() === asked.toLowerCase();
}
