/** The request that the create page builds from a photo and the chosen parameters. */
import type { LocalPhoto } from '../../services/photos';
import type { StyleParameters, StylizationRequest } from '../../services/stylizations';
import type { UploadedPhoto } from '../../store/draft';
import { pictureHeight } from '../picture-height';
import { type Choice, missingStyle } from './choice';

/** A file on this device that has not been uploaded, or a picture on the service. */
export type Photo = LocalPhoto | UploadedPhoto;

/** Heights of the photo's frame, in rpx. */
const FRAME = { min: 420, max: 760, unknown: 760 };

export function isLocal(photo: Photo): photo is LocalPhoto {
  return 'path' in photo;
}

/** The source for an `<image>`. */
export function photoUrl(photo: Photo): string {
  return isLocal(photo) ? photo.path : photo.thumbUrl;
}

/** The height of the photo's frame in rpx. */
export function frameHeight(photo: { width: number; height: number }): number {
  return pictureHeight(photo, FRAME);
}

/** The text key in `create` that names the missing input; null if the request is complete. */
export function missingInput(photo: Photo | null, choice: Choice) {
  return photo ? missingStyle(choice) : ('need_photo' as const);
}

export function requestOf(photo: Photo, parameters: StyleParameters, clientKey: string): StylizationRequest {
  const { styles, tau, keepColor, brush, levels } = parameters;
  return { styles, tau, keepColor, brush, levels, clientKey, photo: isLocal(photo) ? { path: photo.path } : { pictureId: photo.pictureId } };
}
