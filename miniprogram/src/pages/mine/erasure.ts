/** Deleting all data of the user: a question, a phrase to type, and a confirmation. A behavior of the page. */
import { t } from '../../i18n/index';
import { PAGES } from '../../paths';
import { account } from '../../services/account';
import { messageOf } from '../../services/errors';

type Step = 'ask' | 'confirm' | 'busy' | 'done';

/** Closing the sheet keeps the step, so that the texts do not change during the closing animation. */
const CLOSED = { open: false, step: 'ask' as Step, typed: '', isConfirmed: false, problem: '' };

export const erasure = Behavior({
  data: { erasure: CLOSED },
  methods: {
    openErasure() {
      this.setData({ erasure: { ...CLOSED, open: true } });
    },

    continueErasure() {
      this.setData({ 'erasure.step': 'confirm' });
    },

    typePhrase(event: WechatMiniprogram.Input) {
      const typed = event.detail.value;
      this.setData({ 'erasure.typed': typed, 'erasure.isConfirmed': matchesPhrase(typed, t('mine.erase_phrase')) });
    },

    async eraseEverything() {
      if (!this.data.erasure.isConfirmed) return;
      this.setData({ 'erasure.step': 'busy', 'erasure.problem': '' });
      try {
        await account.eraseEverything();
        this.setData({ 'erasure.step': 'done' });
      } catch (error) {
        this.setData({ 'erasure.step': 'confirm', 'erasure.problem': messageOf(error) });
      }
    },

    /** The sheet stays open during the deletion, so that the user sees the outcome. */
    closeErasure() {
      const { step } = this.data.erasure;
      if (step === 'busy') return;
      this.setData({ 'erasure.open': false });
      if (step === 'done') void wx.reLaunch({ url: PAGES.create });
    },
  },
});

/** Compares the typed text with the phrase; case and surrounding spaces are ignored. */
function matchesPhrase(typed: string, phrase: string): boolean {
  return typed.trim().toLowerCase() === phrase.toLowerCase();
}
