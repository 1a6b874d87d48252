/** The history as one scrolls it: pages, undo, favourites and what is shown without a network; it knows no page and no `wx`. */
import { codeOf, NO_ANSWER } from '../../services/errors';
import type { Search, Stylization } from '../../services/stylizations';
import { type Filters, narrows, NO_FILTERS, searchOf } from './filters';

export interface Doors {
  search(search: Search, cursor: string | null): Promise<{ items: Stylization[]; next: string | null }>;
  find(id: string): Promise<Stylization>;
  remove(id: string): Promise<void>;
  restore(id: string): Promise<Stylization>;
  setFavourite(id: string, favourite: boolean): Promise<Stylization>;
  /** The last works, for when there is no network. */
  keep(items: Stylization[]): void;
  kept(): Stylization[];
}

/** `stuck`: a further page did not come, and can be asked for again. */
export type Stage = 'loading' | 'ready' | 'more' | 'stuck' | 'offline' | 'failed';

const RENEWED_AT_ONCE = 5;

export class Shelf {
  works: Stylization[] = [];
  stage: Stage = 'loading';
  problem: unknown = null;
  private filters = NO_FILTERS;
  private cursor: string | null = null;
  private asked = 0;
  private readonly renewed = new Set<string>();

  constructor(
    private readonly doors: Doors,
    private readonly changed: () => void,
  ) {}

  get ended(): boolean {
    return this.stage === 'ready' && this.cursor === null;
  }

  /** From the top, with skeletons in between. */
  async show(filters: Filters): Promise<void> {
    this.filters = filters;
    this.works = [];
    this.cursor = null;
    this.turn('loading');
    await this.refresh();
  }

  /** The newest page again; older ones that were scrolled to stay below it. */
  async refresh(): Promise<void> {
    const asked = ++this.asked;
    try {
      const page = await this.doors.search(searchOf(this.filters), null);
      if (asked !== this.asked) return;
      const older = olderThan(this.works, page.items);
      if (!page.next || !older.length) this.cursor = page.next;
      this.works = page.next ? [...page.items, ...older] : page.items;
      this.renewed.clear();
      if (!narrows(this.filters)) this.doors.keep(page.items);
      this.turn('ready');
    } catch (error) {
      if (asked === this.asked) this.fallBack(error);
    }
  }

  /** A new try after a failure. */
  async again(): Promise<void> {
    if (!this.works.length) this.turn('loading');
    await this.refresh();
  }

  async more(): Promise<void> {
    if (!this.cursor || (this.stage !== 'ready' && this.stage !== 'stuck')) return;
    const asked = this.asked;
    this.turn('more');
    try {
      const page = await this.doors.search(searchOf(this.filters), this.cursor);
      if (asked !== this.asked) return;
      this.works = [...this.works, ...page.items.filter((item) => !this.has(item.id))];
      this.cursor = page.next;
      this.turn('ready');
    } catch (error) {
      if (asked === this.asked) this.turn('stuck', error);
    }
  }

  /** Gone at once; back again if the service will not. */
  async remove(id: string): Promise<void> {
    const work = this.works.find((each) => each.id === id);
    if (!work) return;
    this.takeOut(id);
    try {
      await this.doors.remove(id);
    } catch (error) {
      this.putBack(work);
      throw error;
    }
  }

  async restore(id: string): Promise<void> {
    this.putBack(await this.doors.restore(id));
  }

  /** Shown at once; taken back if the service will not. */
  async toggleFavourite(id: string): Promise<boolean> {
    const work = this.works.find((each) => each.id === id);
    if (!work) return false;
    const favourite = !work.favourite;
    this.replace({ ...work, favourite });
    try {
      this.replace(await this.doors.setFavourite(id, favourite));
      return favourite;
    } catch (error) {
      this.replace(work);
      throw error;
    }
  }

  /** Its picture's address no longer holds: ask for a new one, once. */
  async mend(id: string): Promise<void> {
    if (this.renewed.has(id)) return;
    this.renewed.add(id);
    await this.renew(id);
  }

  /** How far those under way have come. */
  async renewOpen(): Promise<void> {
    await Promise.all(this.open().slice(0, RENEWED_AT_ONCE).map((work) => this.renew(work.id)));
  }

  open(): Stylization[] {
    return this.works.filter((work) => work.status === 'queued' || work.status === 'running');
  }

  private async renew(id: string): Promise<void> {
    try {
      this.replace(await this.doors.find(id));
    } catch (error) {
      if (codeOf(error) === 'not_found') this.takeOut(id);
    }
  }

  private fallBack(error: unknown): void {
    const offline = NO_ANSWER.includes(codeOf(error));
    if (offline && !this.works.length && !narrows(this.filters)) this.works = this.doors.kept();
    const kept = this.works.length > 0 && !offline;
    this.turn(offline ? 'offline' : kept ? 'ready' : 'failed', error);
  }

  private turn(stage: Stage, problem: unknown = null): void {
    this.stage = stage;
    this.problem = problem;
    this.changed();
  }

  private has(id: string): boolean {
    return this.works.some((work) => work.id === id);
  }

  private takeOut(id: string): void {
    this.works = this.works.filter((work) => work.id !== id);
    this.changed();
  }

  private replace(work: Stylization): void {
    this.works = this.works.map((each) => (each.id === work.id ? work : each));
    this.changed();
  }

  private putBack(work: Stylization): void {
    if (this.has(work.id)) return;
    this.works = [...this.works, work].sort((a, b) => b.created_at.localeCompare(a.created_at));
    this.changed();
  }
}

function olderThan(works: Stylization[], page: Stylization[]): Stylization[] {
  const last = page[page.length - 1];
  return last ? works.filter((work) => work.created_at < last.created_at) : [];
}
