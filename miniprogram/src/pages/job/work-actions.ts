/** Actions on a finished work: favourite, rename, save, delete and undo. A behavior of the job page, which implements `HostPage`. */
import { t } from '../../i18n/index';
import { album } from '../../services/album';
import { codeOf, messageOf } from '../../services/errors';
import { type Stylization, stylizations } from '../../services/stylizations';
import { showToast } from '../toast';

interface HostPage {
  work: Stylization | null;
  onWorkChanged(work: Stylization): void;
  onWorkRemoved(): void;
  onRemovalFinal(): void;
}

export const workActions = Behavior({
  data: {
    saving: false,
    naming: { open: false, title: '', busy: false, problem: '' },
    removal: { open: false, text: '' },
  },

  methods: {
    async toggleFavourite() {
      const page = hostOf(this);
      const { work } = page;
      if (!work) return;
      page.onWorkChanged({ ...work, favourite: !work.favourite });
      try {
        page.onWorkChanged(await stylizations.setFavourite(work.id, !work.favourite));
      } catch (error) {
        page.onWorkChanged(work);
        showToast(messageOf(error));
      }
    },

    openNaming() {
      this.setData({ naming: { open: true, title: hostOf(this).work?.title ?? '', busy: false, problem: '' } });
    },

    closeNaming() {
      this.setData({ 'naming.open': false });
    },

    typeTitle(event: WechatMiniprogram.Input) {
      this.setData({ 'naming.title': event.detail.value });
    },

    async saveTitle() {
      const page = hostOf(this);
      const { title, busy } = this.data.naming;
      if (!page.work || busy) return;
      this.setData({ 'naming.busy': true, 'naming.problem': '' });
      try {
        page.onWorkChanged(await stylizations.setTitle(page.work.id, title.trim()));
        this.setData({ 'naming.open': false });
        showToast(t('job.title_saved'));
      } catch (error) {
        this.setData({ 'naming.problem': messageOf(error) });
      } finally {
        this.setData({ 'naming.busy': false });
      }
    },

    async save() {
      const { work } = hostOf(this);
      if (!work?.result || this.data.saving) return;
      this.setData({ saving: true });
      try {
        await saveToAlbum(work.result.url);
      } catch (error) {
        if (codeOf(error) === 'album_denied') await this.saveWithPermission().catch((again: unknown) => showToast(messageOf(again)));
        else showToast(messageOf(error));
      } finally {
        this.setData({ saving: false });
      }
    },

    /** After one refusal WeChat does not ask again; the user has to allow saving in the settings. */
    async saveWithPermission() {
      const { confirm } = await wx.showModal({
        title: t('job.album_title'),
        content: t('job.album_text'),
        confirmText: t('job.album_yes'),
        cancelText: t('job.album_no'),
      });
      if (!confirm || !(await album.openSettings())) return;
      const { work } = hostOf(this);
      if (work?.result) await saveToAlbum(work.result.url);
    },

    async remove() {
      const page = hostOf(this);
      if (!page.work) return;
      page.onWorkRemoved();
      this.setData({ removal: { open: true, text: t('job.removed') } });
      try {
        await stylizations.remove(page.work.id);
      } catch (error) {
        this.setData({ 'removal.open': false });
        page.onWorkChanged(page.work);
        showToast(messageOf(error));
      }
    },

    async undoRemoval() {
      const page = hostOf(this);
      this.setData({ 'removal.open': false });
      if (!page.work) return;
      try {
        page.onWorkChanged(await stylizations.restore(page.work.id));
        showToast(t('job.restored'));
      } catch (error) {
        showToast(messageOf(error));
        this.setData({ 'removal.open': true });
      }
    },

    /** The time for undo is over. */
    finishRemoval() {
      this.setData({ 'removal.open': false });
      hostOf(this).onRemovalFinal();
    },
  },
});

async function saveToAlbum(url: string): Promise<void> {
  await album.save(url);
  showToast(t('job.saved'));
}

function hostOf(page: unknown): HostPage {
  return page as HostPage;
}
