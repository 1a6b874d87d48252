/** Passing a work on: a link for friends, the page for Moments, a poster. A behaviour of the work's page. */
import { nameOf, t } from '../../i18n/index';
import { codeOf, wordsOf } from '../../services/errors';
import { type Stylization, stylizations } from '../../services/stylizations';
import { tell } from '../tell';

interface Message {
  title: string;
  path: string;
  imageUrl?: string;
}

export const HOME = '/pages/create/create';

const CLOSED = { open: false, path: '', problem: '', drawing: false };

export const sharing = Behavior({
  data: { share: CLOSED },

  methods: {
    /** The link is made when somebody wants to share, not before: until then the work is nobody else's. */
    async openSharing() {
      const work = workOf(this);
      if (!work) return;
      this.setData({ share: { ...CLOSED, open: true } });
      try {
        const { path } = await stylizations.share(work.id);
        this.setData({ 'share.path': path });
      } catch (error) {
        this.setData({ 'share.problem': codeOf(error) === 'check_pending' ? t('job.share_pending') : wordsOf(error) });
      }
    },

    closeSharing() {
      this.setData({ 'share.open': false });
    },

    /** Moments show the page that they were posted from, so it has to be the one that anybody may see. */
    seeSharedPage() {
      this.closeSharing();
      void wx.navigateTo({ url: `${this.data.share.path}&own=1` });
    },

    async stopSharing() {
      const work = workOf(this);
      if (!work) return;
      try {
        await stylizations.unshare(work.id);
        this.setData({ share: CLOSED });
        tell(t('job.share_stopped'));
      } catch (error) {
        this.setData({ 'share.problem': wordsOf(error) });
      }
    },

    async makePoster() {
      const work = workOf(this);
      if (!work || this.data.share.drawing) return;
      this.setData({ 'share.drawing': true });
      try {
        const path = await stylizations.poster(work.id, wx.getAppBaseInfo().theme ?? 'light');
        showPoster(path);
      } catch (error) {
        tell(codeOf(error) === 'check_pending' ? t('job.share_pending') : wordsOf(error));
      } finally {
        this.setData({ 'share.drawing': false });
      }
    },
  },
});

/** What WeChat sends to a friend; without a link yet it waits for one. The picture is a JPEG, for WeChat takes no WebP. */
export function messageOf(work: Stylization, path: string): Message | (Message & { promise: Promise<Message> }) {
  const title = work.title ? t('job.share_words_titled', { title: work.title, style: nameOf(work.style.name) }) : t('job.share_words');
  const message = (to: string): Message => ({ title, path: to, ...(work.result ? { imageUrl: work.result.url } : {}) });
  if (path) return message(path);
  const promise = stylizations.share(work.id).then(
    (link) => message(link.path),
    () => message(HOME), // it may not be shown to others: then at least the way here
  );
  return { ...message(HOME), promise };
}

function showPoster(path: string): void {
  if (!wx.canIUse('showShareImageMenu')) return void wx.previewImage({ urls: [path] });
  // Called off is no failure; what the menu will not take can still be looked at and kept.
  wx.showShareImageMenu({ path, fail: ({ errMsg }) => !/cancel/.test(errMsg) && void wx.previewImage({ urls: [path] }) });
}

function workOf(page: unknown): Stylization | null {
  return (page as { work: Stylization | null }).work;
}
