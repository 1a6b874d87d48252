/** What one page leaves for a tab, which cannot be opened with a query. */
import type { Stylization } from '../services/stylizations';

export interface Handover {
  /** Create with this style. */
  styleId?: string;
  /** Create with the photograph of this work, in another look. */
  again?: Stylization;
  /** Show the works in this style. */
  filterStyle?: string;
}

let left: Handover | null = null;

export const handover = {
  leave(what: Handover): void {
    left = what;
  },

  /** What was left, once. */
  take(): Handover | null {
    const taken = left;
    left = null;
    return taken;
  },
};
