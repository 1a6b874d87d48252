/** The input of the create page. Only uploaded photos are stored, because paths of local files become invalid. */
import type { Brush, Levels } from '../services/stylizations';
import { storedValue } from './stored-value';

export interface UploadedPhoto {
  pictureId: string;
  thumbUrl: string;
  width: number;
  height: number;
}

export interface Draft {
  photo: UploadedPhoto | null;
  /** One style, or several styles of a mixture. */
  styles: { id: string; weight: number }[];
  /** Null: the default strength of the style. */
  tau: number | null;
  keepColor: boolean;
  brush: Brush;
  levels: Levels | null;
}

export const draft = storedValue<Draft>('draft', { photo: null, styles: [], tau: null, keepColor: false, brush: 'medium', levels: null });

interface PictureFields {
  id: string;
  thumb_url: string;
  width: number;
  height: number;
}

/** The photo of a work, to use it again. Null if the service has deleted it. */
export function uploadedPhotoOf({ content }: { content: PictureFields | null }): UploadedPhoto | null {
  return content && { pictureId: content.id, thumbUrl: content.thumb_url, width: content.width, height: content.height };
}
