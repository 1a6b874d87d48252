/** The photograph: chosen, taken, cut, brought from a chat or from an earlier work. A behaviour of the create page, which is told by `onPhoto`. */
import { t } from '../../i18n/index';
import { live } from '../../jobs/live';
import { jobOf } from '../../jobs/machine';
import { wordsOf } from '../../services/errors';
import { photos, type Photo as NewPhoto } from '../../services/photos';
import { type Stylization, stylizations } from '../../services/stylizations';
import type { KeptPhoto } from '../../store/draft';
import { recentWorks } from '../../store/recent-works';
import { frameHeight, isNew, type Photo, photoOf, pictureOf } from './order';

interface Pictured {
  onPhoto(photo: Photo | null): void;
}

export const picturing = Behavior({
  data: {
    photo: null as Photo | null,
    picture: { src: '', height: 0, canCrop: false, busy: false, problem: '' },
  },

  methods: {
    choosePhoto() {
      return this.bring(() => photos.choose('album'));
    },

    takePhoto() {
      return this.bring(() => photos.choose('camera'));
    },

    cropPhoto() {
      const { photo } = this.data;
      return photo && isNew(photo) ? this.bring(() => photos.crop(photo)) : undefined;
    },

    bringFromChat() {
      return this.bring(() => photos.fromChat());
    },

    /** Whatever was there stays when nothing comes, or something that cannot be used. */
    async bring(from: () => Promise<NewPhoto | null>) {
      this.setData({ 'picture.busy': true });
      try {
        const photo = await from();
        if (photo) this.setPhoto(photo);
      } catch (error) {
        this.setData({ 'picture.problem': wordsOf(error) });
      } finally {
        this.setData({ 'picture.busy': false });
      }
    },

    setPhoto(photo: Photo | null, problem = '') {
      this.setData({
        photo,
        'picture.src': photo ? pictureOf(photo) : '',
        'picture.height': photo ? frameHeight(photo) : 0,
        'picture.canCrop': photo !== null && isNew(photo) && photos.canCrop(),
        'picture.problem': problem,
      });
      (this as unknown as Pictured).onPhoto(photo);
    },

    setPhotoOf(work: Stylization) {
      const photo = photoOf(work);
      this.setPhoto(photo, photo ? '' : t('create.photo_none'));
    },

    /** The address of a kept one runs out: a work that was made of it knows a fresh one. */
    async pictureLost() {
      const { photo } = this.data;
      if (!photo) return;
      if (isNew(photo)) return this.setPhoto(null, t('create.photo_lost'));
      const fresh = await freshOf(photo).catch(() => photo);
      if (fresh === photo) return;
      const isAnother = fresh !== null && fresh.thumbUrl !== photo.thumbUrl;
      this.setPhoto(isAnother ? fresh : null, isAnother ? '' : t('create.photo_gone'));
    },
  },
});

async function freshOf({ pictureId }: KeptPhoto): Promise<KeptPhoto | null> {
  const work = [jobOf(live.state), ...recentWorks.all()].find((each) => each?.content?.id === pictureId);
  return work ? photoOf(await stylizations.find(work.id)) : null;
}
