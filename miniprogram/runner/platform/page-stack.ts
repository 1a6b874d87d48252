/** The stack of open pages and the five ways to navigate, by the rules of WeChat. */

import { ApiFailure, usageFailure } from '../state/api-failure';
import { usageError } from '../state/error-log';
import { isTabPage } from '../state/mini-program';
import { parsePageUrl, type Query } from '../state/page-url';
import { Page } from './page';

const MAX_PAGES = 10;

class PageStack {
  readonly changeListeners = new Set<() => void>();
  #pages: Page[] = [];
  /** Tab pages stay alive after they were opened once, until `reLaunch`. */
  #tabPages = new Map<string, Page>();

  /** The open pages, the bottom one first. */
  get pages(): readonly Page[] {
    return this.#pages;
  }

  /** The visible page. Throws an error while no page is open. */
  get top(): Page {
    const top = this.#pages.at(-1);
    if (!top) throw new Error('no page is open yet');
    return top;
  }

  navigateTo(url: string): Page {
    const { path, query } = this.#resolve(url);
    if (isTabPage(path)) throw usageFailure(`can not navigateTo a tabbar page: ${url}`);
    if (this.#pages.length >= MAX_PAGES) throw usageError(`navigateTo ${url}: more than ${MAX_PAGES} pages on the stack`);
    this.#pages.at(-1)?.hide();
    return this.#open(path, query);
  }

  redirectTo(url: string): Page {
    const { path, query } = this.#resolve(url);
    if (isTabPage(path)) throw usageFailure(`can not redirectTo a tabbar page: ${url}`);
    this.#unload(this.#pages.pop());
    return this.#open(path, query);
  }

  switchTab(url: string): Page {
    const { path, query } = this.#resolve(url);
    if (!isTabPage(path)) throw usageFailure(`can not switch to no-tabBar page: ${url}`);
    if (Object.keys(query).length > 0) throw usageFailure(`url of a tab can not have a query: ${url}`);
    while (this.#pages.length > 1) this.#unload(this.#pages.pop());
    const bottom = this.#pages.pop();
    if (bottom?.path === path) {
      this.#pages.push(bottom);
    } else {
      if (bottom && isTabPage(bottom.path)) bottom.hide();
      else this.#unload(bottom);
    }
    const existing = this.#tabPages.get(path);
    if (!existing) return this.#open(path, query);
    if (bottom !== existing) this.#pages.push(existing);
    existing.show();
    this.#notify();
    return existing;
  }

  reLaunch(url: string): Page {
    const { path, query } = this.#resolve(url);
    const open = new Set([...this.#pages.splice(0).reverse(), ...this.#tabPages.values()]);
    for (const page of open) this.#unload(page);
    return this.#open(path, query);
  }

  navigateBack(delta = 1): Page {
    if (this.#pages.length < 2) throw new ApiFailure('cannot navigate back at first page');
    for (let left = Math.min(delta, this.#pages.length - 1); left > 0; left -= 1) this.#unload(this.#pages.pop());
    this.top.show();
    this.#notify();
    return this.top;
  }

  #open(path: string, query: Query): Page {
    const page = new Page(path, query);
    this.#pages.push(page);
    if (isTabPage(path)) this.#tabPages.set(path, page);
    page.load();
    // onLoad may already have navigated to another page.
    if (this.#pages.at(-1) === page) page.show();
    this.#notify();
    return page;
  }

  #unload(page: Page | undefined): void {
    if (!page) return;
    if (this.#tabPages.get(page.path) === page) this.#tabPages.delete(page.path);
    page.unload();
  }

  #resolve(url: string): { path: string; query: Query } {
    const { path, query } = parsePageUrl(url, this.#pages.at(-1)?.path ?? '');
    if (!miniProgram.parts[path]?.isPage) throw usageFailure(`page "${path}" is not found`);
    return { path, query };
  }

  #notify(): void {
    for (const listener of this.changeListeners) listener();
  }
}

export const pageStack = new PageStack();
