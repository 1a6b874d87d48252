/** The sheet from which a work is sent on. A link is made when it is opened, not before: until then nobody else can look. */
import { nameOf, t } from '../../i18n/index';
import { codeOf, wordsOf } from '../../services/errors';
import { type Stylization, stylizations } from '../../services/stylizations';

interface Holder {
  work: Stylization | null;
  onWork(work: Stylization): void;
}

type Stage = 'preparing' | 'ready' | 'pending' | 'refused';

const NOT_YET = ['check_pending', 'under_review'];
const HOME = '/pages/create/create';

export const sharing = Behavior({
  data: {
    sharing: { open: false, stage: 'preparing' as Stage, problem: '' },
  },

  methods: {
    async openSharing() {
      this.setData({ sharing: { open: true, stage: 'preparing', problem: '' } });
      try {
        await this.linkOf();
        this.setData({ 'sharing.stage': 'ready' });
      } catch (error) {
        const stage: Stage = NOT_YET.includes(codeOf(error)) ? 'pending' : 'refused';
        this.setData({ 'sharing.stage': stage, 'sharing.problem': wordsOf(error) });
      }
    },

    closeSharing() {
      this.setData({ 'sharing.open': false });
    },

    /** The token of its link, which is made where there is none. */
    async linkOf(): Promise<string> {
      const { work } = holder(this);
      if (!work) return '';
      if (work.share_token) return work.share_token;
      const { token } = await stylizations.share(work.id);
      holder(this).onWork({ ...(holder(this).work ?? work), share_token: token });
      return token;
    },

    /** From a post in Moments only the page itself can be opened: it has to be posted from the page that strangers may see. */
    async toMoments() {
      const token = await this.linkOf();
      this.closeSharing();
      void wx.navigateTo({ url: `/pages/share/share?token=${token}&own=1` });
    },

    async stopSharing() {
      const { work } = holder(this);
      if (!work) return;
      try {
        await stylizations.unshare(work.id);
        holder(this).onWork({ ...work, share_token: null });
        this.closeSharing();
        void wx.showToast({ title: t('job.share_stopped'), icon: 'none' });
      } catch (error) {
        void wx.showToast({ title: wordsOf(error), icon: 'none' });
      }
    },

    /** For the platform, which waits three seconds for a link that has still to be made. */
    messageOf() {
      const { work } = holder(this);
      if (work?.status !== 'done') return { title: t('job.share_words'), path: HOME };
      const card = { title: wordsFor(work), ...(work.result ? { imageUrl: work.result.thumb_url } : {}) };
      if (work.share_token) return { ...card, path: pathOf(work.share_token) };
      return {
        ...card,
        path: HOME,
        promise: this.linkOf()
          .then((token) => ({ ...card, path: pathOf(token) }))
          .catch(() => ({ ...card, path: HOME })),
      };
    },
  },
});

function wordsFor({ title, style }: Stylization): string {
  return title ? t('job.share_words_titled', { title, style: nameOf(style.name) }) : t('job.share_words');
}

function pathOf(token: string): string {
  return `/pages/share/share?token=${token}`;
}

function holder(page: unknown): Holder {
  return page as Holder;
}
