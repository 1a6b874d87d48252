/** The photo of the request: chosen, taken, cropped, from a chat or from an earlier work. A behavior of the create page; calls `onPhotoChanged` of the page. */
import { t } from '../../i18n/index';
import { currentJob } from '../../jobs/current-job';
import { jobOf } from '../../jobs/job-state';
import { messageOf } from '../../services/errors';
import { type LocalPhoto, photos } from '../../services/photos';
import { type Stylization, stylizations } from '../../services/stylizations';
import { type UploadedPhoto, uploadedPhotoOf } from '../../store/draft';
import { recentWorks } from '../../store/recent-works';
import { frameHeight, isLocal, type Photo, photoUrl } from './request';

interface HostPage {
  onPhotoChanged(photo: Photo | null): void;
}

export const photoInput = Behavior({
  data: {
    photo: null as Photo | null,
    photoFrame: { src: '', height: 0, canCrop: false, busy: false, problem: '' },
  },

  methods: {
    choosePhoto() {
      return this.loadPhoto(() => photos.choose('album'));
    },

    takePhoto() {
      return this.loadPhoto(() => photos.choose('camera'));
    },

    cropPhoto() {
      const { photo } = this.data;
      return photo && isLocal(photo) ? this.loadPhoto(() => photos.crop(photo)) : undefined;
    },

    loadChatPhoto() {
      return this.loadPhoto(() => photos.fromChat());
    },

    /** Replaces the photo, unless the user cancels or the new photo cannot be used. */
    async loadPhoto(load: () => Promise<LocalPhoto | null>) {
      this.setData({ 'photoFrame.busy': true });
      try {
        const photo = await load();
        if (photo) this.setPhoto(photo);
      } catch (error) {
        this.setData({ 'photoFrame.problem': messageOf(error) });
      } finally {
        this.setData({ 'photoFrame.busy': false });
      }
    },

    setPhoto(photo: Photo | null, problem = '') {
      this.setData({
        photo,
        'photoFrame.src': photo ? photoUrl(photo) : '',
        'photoFrame.height': photo ? frameHeight(photo) : 0,
        'photoFrame.canCrop': photo !== null && isLocal(photo) && photos.canCrop(),
        'photoFrame.problem': problem,
      });
      (this as unknown as HostPage).onPhotoChanged(photo);
    },

    setPhotoOfWork(work: Stylization) {
      const photo = uploadedPhotoOf(work);
      this.setPhoto(photo, photo ? '' : t('create.photo_none'));
    },

    /** The signed address of an uploaded photo may have expired: a work that was made from it has a new one. */
    async photoFailed() {
      const { photo } = this.data;
      if (!photo) return;
      if (isLocal(photo)) return this.setPhoto(null, t('create.photo_lost'));
      const renewed = await withNewAddress(photo).catch(() => photo);
      if (renewed === photo) return;
      const isRenewed = renewed !== null && renewed.thumbUrl !== photo.thumbUrl;
      this.setPhoto(isRenewed ? renewed : null, isRenewed ? '' : t('create.photo_missing'));
    },
  },
});

async function withNewAddress({ pictureId }: UploadedPhoto): Promise<UploadedPhoto | null> {
  const work = [jobOf(currentJob.state), ...recentWorks.all()].find((each) => each?.content?.id === pictureId);
  return work ? uploadedPhotoOf(await stylizations.find(work.id)) : null;
}
