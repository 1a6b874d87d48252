/** The stack of pages and the five ways to move on it, by the rules of WeChat. */

import type { AssociatedBackend } from 'glass-easel-miniprogram-adapter';
import { mistake } from './errors';
import { Page, type Query } from './page';

const DEEPEST = 10;

/** Why a move was refused; it becomes the `errMsg` of the API. */
export class MoveRefused {
  constructor(readonly reason: string) {}
}

export class Navigation {
  #backend: AssociatedBackend;
  #stack: Page[] = [];
  /** Tab pages that were opened once stay alive until reLaunch. */
  #tabs = new Map<string, Page>();
  #changed: () => void;

  constructor(backend: AssociatedBackend, changed: () => void) {
    this.#backend = backend;
    this.#changed = changed;
  }

  get stack(): readonly Page[] {
    return this.#stack;
  }

  get top(): Page {
    const top = this.#stack.at(-1);
    if (!top) throw new Error('no page is open yet');
    return top;
  }

  navigateTo(url: string): Page {
    const { path, query } = this.#find(url);
    if (isTab(path)) throw refused(`can not navigateTo a tabbar page: ${url}`);
    if (this.#stack.length >= DEEPEST) throw mistake(`navigateTo ${url}: more than ${DEEPEST} pages on the stack`);
    this.#stack.at(-1)?.hide();
    return this.#open(path, query);
  }

  redirectTo(url: string): Page {
    const { path, query } = this.#find(url);
    if (isTab(path)) throw refused(`can not redirectTo a tabbar page: ${url}`);
    this.#close(this.#stack.pop());
    return this.#open(path, query);
  }

  switchTab(url: string): Page {
    const { path, query } = this.#find(url);
    if (!isTab(path)) throw refused(`can not switch to no-tabBar page: ${url}`);
    if (Object.keys(query).length > 0) throw refused(`url of a tab can not have a query: ${url}`);
    while (this.#stack.length > 1) this.#close(this.#stack.pop());
    const root = this.#stack.pop();
    if (root?.path === path) {
      this.#stack.push(root);
    } else {
      if (root && isTab(root.path)) root.hide();
      else this.#close(root);
    }
    const kept = this.#tabs.get(path);
    if (!kept) return this.#open(path, query);
    if (root !== kept) this.#stack.push(kept);
    kept.show();
    this.#changed();
    return kept;
  }

  reLaunch(url: string): Page {
    const { path, query } = this.#find(url);
    const open = new Set([...this.#stack.splice(0).reverse(), ...this.#tabs.values()]);
    for (const page of open) this.#close(page);
    return this.#open(path, query);
  }

  navigateBack(delta = 1): Page {
    if (this.#stack.length < 2) throw new MoveRefused('cannot navigate back at first page');
    for (let left = Math.min(delta, this.#stack.length - 1); left > 0; left -= 1) this.#close(this.#stack.pop());
    this.top.show();
    this.#changed();
    return this.top;
  }

  #open(path: string, query: Query): Page {
    const page = new Page(this.#backend, path, query);
    this.#stack.push(page);
    if (isTab(path)) this.#tabs.set(path, page);
    page.load();
    // onLoad may already have moved on.
    if (this.#stack.at(-1) === page) page.show();
    this.#changed();
    return page;
  }

  #close(page: Page | undefined): void {
    if (!page) return;
    if (this.#tabs.get(page.path) === page) this.#tabs.delete(page.path);
    page.unload();
  }

  #find(url: string): { path: string; query: Query } {
    const { path, query } = parseUrl(url, this.#stack.at(-1)?.path ?? '');
    if (!miniProgram.parts[path]?.isPage) throw refused(`page "${path}" is not found`);
    return { path, query };
  }
}

export function isTab(path: string): boolean {
  return miniProgram.app.tabBar?.list.some((tab) => tab.pagePath === path) ?? false;
}

/** `'../job/job?id=1'` seen from a page; the values of the query stay encoded, as in WeChat. */
export function parseUrl(url: string, from: string): { path: string; query: Query } {
  const [target = '', search = ''] = url.split('?');
  const steps = target.startsWith('/') ? [] : from.split('/').slice(0, -1);
  for (const step of target.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.' && step !== '') steps.push(step);
  }
  const pairs = search.split('&').filter(Boolean).map((pair) => pair.split('='));
  return { path: steps.join('/'), query: Object.fromEntries(pairs.map(([name = '', ...value]) => [name, value.join('=')])) };
}

/** A move that no phone would make is the programmer's mistake, so it is told loudly as well. */
function refused(reason: string): MoveRefused {
  mistake(reason);
  return new MoveRefused(reason);
}
