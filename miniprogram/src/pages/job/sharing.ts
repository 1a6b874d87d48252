/** Sharing a work: a link for friends, a page for Moments, a poster. A behavior of the job page. */
import { localized, t } from '../../i18n/index';
import { PAGES } from '../../paths';
import { codeOf, messageOf } from '../../services/errors';
import { type Stylization, stylizations } from '../../services/stylizations';
import { showToast } from '../toast';

interface Message {
  title: string;
  path: string;
  imageUrl?: string;
}

const CLOSED = { open: false, path: '', problem: '', isPosterLoading: false };

export const sharing = Behavior({
  data: { share: CLOSED },

  methods: {
    /** The link is created when the user opens the sheet, not earlier, because it makes the work public. */
    async openSharing() {
      const work = workOf(this);
      if (!work) return;
      this.setData({ share: { ...CLOSED, open: true } });
      try {
        const { path } = await stylizations.share(work.id);
        this.setData({ 'share.path': path });
      } catch (error) {
        this.setData({ 'share.problem': sharingProblem(error) });
      }
    },

    closeSharing() {
      this.setData({ 'share.open': false });
    },

    /** A post in Moments shows the page that it was sent from, so the user has to send it from the public page. */
    openSharedPage() {
      this.closeSharing();
      void wx.navigateTo({ url: `${this.data.share.path}&own=1` });
    },

    async stopSharing() {
      const work = workOf(this);
      if (!work) return;
      try {
        await stylizations.unshare(work.id);
        this.setData({ share: CLOSED });
        showToast(t('job.share_stopped'));
      } catch (error) {
        this.setData({ 'share.problem': messageOf(error) });
      }
    },

    async makePoster() {
      const work = workOf(this);
      if (!work || this.data.share.isPosterLoading) return;
      this.setData({ 'share.isPosterLoading': true });
      try {
        const path = await stylizations.poster(work.id, wx.getAppBaseInfo().theme ?? 'light');
        showPoster(path);
      } catch (error) {
        showToast(sharingProblem(error));
      } finally {
        this.setData({ 'share.isPosterLoading': false });
      }
    },
  },
});

/** The message that WeChat sends to a friend. Without a link it contains a promise of one. The picture is the JPEG, because WeChat does not accept WebP. */
export function shareMessageOf(work: Stylization, path: string): Message | (Message & { promise: Promise<Message> }) {
  const title = work.title ? t('job.share_text_titled', { title: work.title, style: localized(work.style.name) }) : t('job.share_text');
  const messageTo = (to: string): Message => ({ title, path: to, ...(work.result ? { imageUrl: work.result.url } : {}) });
  if (path) return messageTo(path);
  const promise = stylizations.share(work.id).then(
    (link) => messageTo(link.path),
    () => messageTo(PAGES.create), // the work may not be shared: the message leads to the create page
  );
  return { ...messageTo(PAGES.create), promise };
}

/** The message for a link or a poster that the service refused. */
function sharingProblem(error: unknown): string {
  return codeOf(error) === 'check_pending' ? t('job.share_pending') : messageOf(error);
}

function showPoster(path: string): void {
  if (!wx.canIUse('showShareImageMenu')) return void wx.previewImage({ urls: [path] });
  // A cancelled menu is not a failure. If the menu does not accept the file, the preview still lets the user save it.
  wx.showShareImageMenu({ path, fail: ({ errMsg }) => !/cancel/.test(errMsg) && void wx.previewImage({ urls: [path] }) });
}

function workOf(page: unknown): Stylization | null {
  return (page as { work: Stylization | null }).work;
}
