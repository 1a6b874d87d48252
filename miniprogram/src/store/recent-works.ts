/** The latest works, shown while the device is offline. */
import { WORKS_PER_PAGE } from '../config';
import type { Stylization } from '../services/stylizations';
import { storedValue } from './stored-value';

const MAX_WORKS = 30;

const saved = storedValue<Stylization[]>('recent-works', []);

export const recentWorks = {
  /** Saves the first page of the history. Older works that were saved before follow it. */
  save(firstPage: Stylization[]): void {
    const last = firstPage[firstPage.length - 1];
    const isComplete = firstPage.length < WORKS_PER_PAGE;
    const older = last && !isComplete ? saved.get().filter((work) => work.created_at < last.created_at) : [];
    saved.set([...firstPage, ...older].slice(0, MAX_WORKS));
  },

  all(): Stylization[] {
    return saved.get();
  },
};
