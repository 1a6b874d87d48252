/** The last works as they were last seen, for when there is no network. */
import { WORKS_A_PAGE } from '../config';
import type { Stylization } from '../services/stylizations';
import { stored } from './stored';

const MOST = 30;

const kept = stored<Stylization[]>('recent-works', []);

export const recentWorks = {
  /** A first page of the history: its works come before the older ones that are kept. */
  keep(items: Stylization[]): void {
    const last = items[items.length - 1];
    const isAll = items.length < WORKS_A_PAGE;
    const older = last && !isAll ? kept.get().filter((work) => work.created_at < last.created_at) : [];
    kept.set([...items, ...older].slice(0, MOST));
  },

  all(): Stylization[] {
    return kept.get();
  },
};
