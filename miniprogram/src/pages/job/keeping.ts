/** What is done with a finished work: kept, named, saved, thrown away and brought back. A behaviour of the work's page, which is told by `onWork`, `onRemoved` and `onGone`. */
import { t } from '../../i18n/index';
import { album } from '../../services/album';
import { codeOf, wordsOf } from '../../services/errors';
import { type Stylization, stylizations } from '../../services/stylizations';
import { tell } from '../tell';

interface Owner {
  work: Stylization | null;
  onWork(work: Stylization): void;
  onRemoved(): void;
  onGone(): void;
}

const UNDO_SECONDS = 8;

export const keeping = Behavior({
  data: {
    saving: false,
    naming: { open: false, title: '', busy: false, problem: '' },
    removal: { open: false, text: '', seconds: UNDO_SECONDS },
  },

  methods: {
    async toggleFavourite() {
      const owner = ownerOf(this);
      const { work } = owner;
      if (!work) return;
      owner.onWork({ ...work, favourite: !work.favourite });
      try {
        owner.onWork(await stylizations.setFavourite(work.id, !work.favourite));
      } catch (error) {
        owner.onWork(work);
        tell(wordsOf(error));
      }
    },

    openNaming() {
      this.setData({ naming: { open: true, title: ownerOf(this).work?.title ?? '', busy: false, problem: '' } });
    },

    closeNaming() {
      this.setData({ 'naming.open': false });
    },

    typeTitle(event: WechatMiniprogram.Input) {
      this.setData({ 'naming.title': event.detail.value });
    },

    async saveTitle() {
      const owner = ownerOf(this);
      const { title, busy } = this.data.naming;
      if (!owner.work || busy) return;
      this.setData({ 'naming.busy': true, 'naming.problem': '' });
      try {
        owner.onWork(await stylizations.setTitle(owner.work.id, title.trim()));
        this.setData({ 'naming.open': false });
        tell(t('job.title_saved'));
      } catch (error) {
        this.setData({ 'naming.problem': wordsOf(error) });
      } finally {
        this.setData({ 'naming.busy': false });
      }
    },

    async save() {
      const { work } = ownerOf(this);
      if (!work?.result || this.data.saving) return;
      this.setData({ saving: true });
      try {
        await album.save(work.result.url);
        tell(t('job.saved'));
      } catch (error) {
        if (codeOf(error) === 'album_denied') await this.saveWithPermission().catch((again: unknown) => tell(wordsOf(again)));
        else tell(wordsOf(error));
      } finally {
        this.setData({ saving: false });
      }
    },

    /** After one refusal WeChat asks no more: the way leads through its settings. */
    async saveWithPermission() {
      const { confirm } = await wx.showModal({
        title: t('job.album_title'),
        content: t('job.album_text'),
        confirmText: t('job.album_yes'),
        cancelText: t('job.album_no'),
      });
      if (!confirm || !(await album.openSettings())) return;
      const { work } = ownerOf(this);
      if (!work?.result) return;
      await album.save(work.result.url);
      tell(t('job.saved'));
    },

    async remove() {
      const owner = ownerOf(this);
      if (!owner.work) return;
      owner.onRemoved();
      this.setData({ 'removal.open': true, 'removal.text': t('job.removed') });
      try {
        await stylizations.remove(owner.work.id);
      } catch (error) {
        this.setData({ 'removal.open': false });
        owner.onWork(owner.work);
        tell(wordsOf(error));
      }
    },

    async undoRemoval() {
      const owner = ownerOf(this);
      this.setData({ 'removal.open': false });
      if (!owner.work) return;
      try {
        owner.onWork(await stylizations.restore(owner.work.id));
        tell(t('job.restored'));
      } catch (error) {
        tell(wordsOf(error));
        this.setData({ 'removal.open': true });
      }
    },

    letGo() {
      this.setData({ 'removal.open': false });
      ownerOf(this).onGone();
    },
  },
});

function ownerOf(page: unknown): Owner {
  return page as Owner;
}
