/** What can be done with a finished work: favourite, name, album, poster, delete. A behaviour of the job page, which holds the `work` and is told by `onWork`. */
import { t } from '../../i18n/index';
import { album } from '../../services/album';
import { codeOf, wordsOf } from '../../services/errors';
import { type Stylization, stylizations } from '../../services/stylizations';

interface Holder {
  work: Stylization | null;
  onWork(work: Stylization): void;
}

const UNDO_SECONDS = 8;

export const acting = Behavior({
  data: {
    naming: { open: false, title: '', busy: false },
    saving: false,
    poster: false,
    removed: false,
    undoSeconds: UNDO_SECONDS,
  },

  methods: {
    /** Shown at once; taken back if the service will not. */
    async toggleFavourite() {
      const { work } = holder(this);
      if (!work) return;
      const favourite = !work.favourite;
      holder(this).onWork({ ...work, favourite });
      try {
        holder(this).onWork(await stylizations.setFavourite(work.id, favourite));
      } catch (error) {
        holder(this).onWork(work);
        tell(wordsOf(error));
      }
    },

    openNaming() {
      this.setData({ naming: { open: true, title: holder(this).work?.title ?? '', busy: false } });
    },

    closeNaming() {
      this.setData({ 'naming.open': false });
    },

    typeTitle(event: WechatMiniprogram.Input) {
      this.setData({ 'naming.title': event.detail.value });
    },

    async saveTitle() {
      const { work } = holder(this);
      if (!work || this.data.naming.busy) return;
      this.setData({ 'naming.busy': true });
      try {
        holder(this).onWork(await stylizations.setTitle(work.id, this.data.naming.title.trim()));
        this.closeNaming();
        tell(t('job.title_saved'));
      } catch (error) {
        tell(wordsOf(error));
      } finally {
        this.setData({ 'naming.busy': false });
      }
    },

    async saveToAlbum() {
      const url = holder(this).work?.result?.url;
      if (!url || this.data.saving) return;
      this.setData({ saving: true });
      try {
        await saved(url);
      } catch (error) {
        tell(wordsOf(error));
      } finally {
        this.setData({ saving: false });
      }
    },

    async makePoster() {
      const { work } = holder(this);
      if (!work || this.data.poster) return;
      this.setData({ poster: true });
      try {
        const { theme } = wx.getAppBaseInfo();
        const path = await stylizations.poster(work.id, theme === 'dark' ? 'dark' : 'light');
        if (wx.canIUse('showShareImageMenu')) await wx.showShareImageMenu({ path }).catch(calledOff);
        else await wx.previewImage({ urls: [path] });
      } catch (error) {
        tell(wordsOf(error));
      } finally {
        this.setData({ poster: false });
      }
    },

    async remove() {
      const { work } = holder(this);
      if (!work) return;
      this.setData({ removed: true });
      try {
        await stylizations.remove(work.id);
      } catch (error) {
        this.setData({ removed: false });
        tell(wordsOf(error));
      }
    },

    async takeBack() {
      const { work } = holder(this);
      if (!work) return;
      try {
        holder(this).onWork(await stylizations.restore(work.id));
        this.setData({ removed: false });
        tell(t('job.restored'));
      } catch (error) {
        tell(wordsOf(error));
      }
    },
  },
});

/** A refused permission can be given in the settings, after which the picture is saved all the same. */
async function saved(url: string): Promise<void> {
  try {
    await album.save(url);
  } catch (error) {
    if (codeOf(error) !== 'album_denied') throw error;
    const answer = await wx.showModal({
      title: t('job.album_title'),
      content: t('job.album_text'),
      confirmText: t('job.album_yes'),
      cancelText: t('job.album_no'),
    });
    if (!answer.confirm || !(await album.openSettings())) return;
    await album.save(url);
  }
  tell(t('job.saved'));
}

function holder(page: unknown): Holder {
  return page as Holder;
}

/** What was called off on purpose has no words. */
function tell(words: string): void {
  if (words) void wx.showToast({ title: words, icon: 'none' });
}

/** Leaving the menu without sending anything is no failure. */
function calledOff(): void {}
