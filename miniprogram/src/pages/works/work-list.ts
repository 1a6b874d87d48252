/** The list of works: pages, undo, favourites, and the offline copy. It depends on no page and not on `wx`. */
import { codeOf, UNREACHABLE_CODES } from '../../services/errors';
import { isUnfinished, type Stylization, type WorkPage, type WorkQuery } from '../../services/stylizations';
import { type Filters, isFiltering, queryOf } from './filters';

/** The services that the list uses. */
export interface WorkBackend {
  search(query: WorkQuery, cursor: string | null): Promise<WorkPage>;
  find(id: string): Promise<Stylization>;
  remove(id: string): Promise<void>;
  restore(id: string): Promise<Stylization>;
  setFavourite(id: string, favourite: boolean): Promise<Stylization>;
  /** Saves the first page of the history for offline use. */
  saveRecent(items: Stylization[]): void;
  recent(): Stylization[];
}

/** `moreFailed`: the next page could not be loaded; `loadMore` tries again. */
export type Stage = 'loading' | 'ready' | 'loadingMore' | 'moreFailed' | 'offline' | 'failed';

const MAX_POLLED_WORKS = 5;

export class WorkList {
  works: Stylization[] = [];
  stage: Stage = 'loading';
  error: unknown = null;
  private query: WorkQuery = {};
  private isFiltered = false;
  private nextCursor: string | null = null;
  /** Counts the refreshes, so that the response to an outdated one is ignored. */
  private refreshes = 0;
  private readonly refreshedPictures = new Set<string>();

  constructor(
    private readonly backend: WorkBackend,
    private readonly onChange: () => void,
  ) {}

  /** Whether the last page has been loaded. */
  get isEnd(): boolean {
    return this.stage === 'ready' && this.nextCursor === null;
  }

  /** Empties the list and loads the works that match the filters. */
  async show(filters: Filters): Promise<void> {
    this.query = queryOf(filters);
    this.isFiltered = isFiltering(filters);
    this.works = [];
    this.nextCursor = null;
    this.setStage('loading');
    await this.refresh();
  }

  /** Loads the first page again. Older works that were already loaded stay below it. */
  async refresh(): Promise<void> {
    const refresh = ++this.refreshes;
    try {
      const page = await this.backend.search(this.query, null);
      if (refresh !== this.refreshes) return;
      const older = olderThan(this.works, page.items);
      if (!page.next || !older.length) this.nextCursor = page.next;
      this.works = page.next ? [...page.items, ...older] : page.items;
      this.refreshedPictures.clear();
      if (!this.isFiltered) this.backend.saveRecent(page.items);
      this.setStage('ready');
    } catch (error) {
      if (refresh === this.refreshes) this.handleRefreshError(error);
    }
  }

  /** Retries after a failure. */
  async reload(): Promise<void> {
    if (!this.works.length) this.setStage('loading');
    await this.refresh();
  }

  async loadMore(): Promise<void> {
    if (!this.nextCursor || (this.stage !== 'ready' && this.stage !== 'moreFailed')) return;
    const refresh = this.refreshes;
    this.setStage('loadingMore');
    try {
      const page = await this.backend.search(this.query, this.nextCursor);
      if (refresh !== this.refreshes) return;
      this.works = [...this.works, ...page.items.filter((item) => !this.has(item.id))];
      this.nextCursor = page.next;
      this.setStage('ready');
    } catch (error) {
      if (refresh === this.refreshes) this.setStage('moreFailed', error);
    }
  }

  /** Removes the work from the list at once, and puts it back if the service fails. */
  async remove(id: string): Promise<void> {
    const work = this.works.find((each) => each.id === id);
    if (!work) return;
    this.drop(id);
    try {
      await this.backend.remove(id);
    } catch (error) {
      this.insert(work);
      throw error;
    }
  }

  async restore(id: string): Promise<void> {
    this.insert(await this.backend.restore(id));
  }

  /** Shows the change at once, and reverts it if the service fails. Returns the new value. */
  async toggleFavourite(id: string): Promise<boolean> {
    const work = this.works.find((each) => each.id === id);
    if (!work) return false;
    const favourite = !work.favourite;
    this.replace({ ...work, favourite });
    try {
      this.replace(await this.backend.setFavourite(id, favourite));
      return favourite;
    } catch (error) {
      this.replace(work);
      throw error;
    }
  }

  /** Loads a work whose signed picture address has expired, once for each work. */
  async refreshPicture(id: string): Promise<void> {
    if (this.refreshedPictures.has(id)) return;
    this.refreshedPictures.add(id);
    await this.reloadWork(id);
  }

  /** Loads the state of unfinished works, at most five of them. */
  async pollUnfinished(): Promise<void> {
    await Promise.all(this.unfinished().slice(0, MAX_POLLED_WORKS).map((work) => this.reloadWork(work.id)));
  }

  unfinished(): Stylization[] {
    return this.works.filter(isUnfinished);
  }

  private async reloadWork(id: string): Promise<void> {
    try {
      this.replace(await this.backend.find(id));
    } catch (error) {
      if (codeOf(error) === 'not_found') this.drop(id);
    }
  }

  private handleRefreshError(error: unknown): void {
    const offline = UNREACHABLE_CODES.includes(codeOf(error));
    if (offline && !this.works.length && !this.isFiltered) this.works = this.backend.recent();
    const keepsWorks = this.works.length > 0 && !offline;
    this.setStage(offline ? 'offline' : keepsWorks ? 'ready' : 'failed', error);
  }

  private setStage(stage: Stage, error: unknown = null): void {
    this.stage = stage;
    this.error = error;
    this.onChange();
  }

  private has(id: string): boolean {
    return this.works.some((work) => work.id === id);
  }

  private drop(id: string): void {
    this.works = this.works.filter((work) => work.id !== id);
    this.onChange();
  }

  private replace(work: Stylization): void {
    this.works = this.works.map((each) => (each.id === work.id ? work : each));
    this.onChange();
  }

  private insert(work: Stylization): void {
    if (this.has(work.id)) return;
    this.works = [...this.works, work].sort((a, b) => b.created_at.localeCompare(a.created_at));
    this.onChange();
  }
}

function olderThan(works: Stylization[], page: Stylization[]): Stylization[] {
  const last = page[page.length - 1];
  return last ? works.filter((work) => work.created_at < last.created_at) : [];
}
