/** What is on the table before a firing: the photograph, and what keeps it from being fired. */
import type { Photo as NewPhoto } from '../../services/photos';
import type { Look, Order } from '../../services/stylizations';
import type { KeptPhoto } from '../../store/draft';
import { heightWithin } from '../frame';
import { type Choice, missingStyle } from './choice';

/** A file of this phone that was not sent yet, or a picture that the service has. */
export type Photo = NewPhoto | KeptPhoto;

const FRAME = { lowest: 420, highest: 760, unknown: 760 };

export function isNew(photo: Photo): photo is NewPhoto {
  return 'path' in photo;
}

/** Where it can be seen. */
export function pictureOf(photo: Photo): string {
  return isNew(photo) ? photo.path : photo.thumbUrl;
}

/** How tall the frame of a photograph is, in rpx: as its sides ask for, within what a screen can spare. */
export function frameHeight(photo: { width: number; height: number }): number {
  return heightWithin(photo, FRAME);
}

/** Why it cannot be fired yet, as a word of `create.…`; null when it can. */
export function missing(photo: Photo | null, choice: Choice) {
  return photo ? missingStyle(choice) : ('need_photo' as const);
}

export function orderOf(photo: Photo, look: Look, clientKey: string): Order {
  const { styles, tau, keepColor, levels } = look;
  return { styles, tau, keepColor, levels, clientKey, photo: isNew(photo) ? { path: photo.path } : { pictureId: photo.pictureId } };
}

/** The photograph of a work, to be fired again; null when it has been forgotten. */
export function photoOf({ content }: { content: { id: string; thumb_url: string; width: number; height: number } | null }): KeptPhoto | null {
  if (!content) return null;
  return { pictureId: content.id, thumbUrl: content.thumb_url, width: content.width, height: content.height };
}
