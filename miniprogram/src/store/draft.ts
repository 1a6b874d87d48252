/** What is being prepared on the create page. A photograph is kept once the service has it: paths of the phone vanish. */
import type { Levels } from '../services/stylizations';
import { stored } from './stored';

export interface KeptPhoto {
  pictureId: string;
  thumbUrl: string;
  width: number;
  height: number;
}

export interface Draft {
  photo: KeptPhoto | null;
  /** One, or several that are mixed. */
  styles: { id: string; weight: number }[];
  /** Null: the style's own. */
  tau: number | null;
  keepColor: boolean;
  levels: Levels | null;
}

export const draft = stored<Draft>('draft', { photo: null, styles: [], tau: null, keepColor: false, levels: null });
