/** One open page: its DOM, its configuration and its lifecycle. */

import type { Root } from 'glass-easel-miniprogram-adapter';
import { callHook } from '../state/error-log';
import { codeSpace, type PageConfig } from '../state/mini-program';
import type { Query } from '../state/page-url';
import { backend } from './backend';
import { byId, element } from './dom';
import { PullToRefresh } from './pull-to-refresh';

const REACH_BOTTOM_PX = 50;

/** `this` in the page code of the mini program. */
type PageInstance = ReturnType<Root['get']> & { route?: string; options?: Query };

export class Page {
  readonly config: PageConfig;
  readonly host: HTMLElement;
  readonly instance: PageInstance;
  /** Null unless the page sets `enablePullDownRefresh`. */
  readonly pullToRefresh: PullToRefresh | null;
  title: string;
  #root: Root;
  #isReady = false;
  #isShown = false;
  /** The height of the page when `onReachBottom` was last called. It is called once per height. */
  #reachedBottomAtHeight: number | null = null;
  #scrollPositions: [Element, number, number][] = [];

  constructor(
    readonly path: string,
    readonly query: Query,
  ) {
    this.config = { ...miniProgram.app.window, ...miniProgram.parts[path]!.config };
    this.title = this.config.navigationBarTitleText ?? '';
    this.#root = backend.createRoot('wx-page', codeSpace, path);
    this.instance = this.#root.get();
    this.instance.route = path;
    this.instance.options = query;
    this.host = this.#root.getComponent().getBackendElement() as unknown as HTMLElement;
    this.host.setAttribute('page', path);
    this.host.addEventListener('scroll', () => this.#handleScroll());
    this.pullToRefresh = this.config.enablePullDownRefresh
      ? new PullToRefresh(this.host, () => callHook(this.instance, 'onPullDownRefresh'))
      : null;
  }

  /** The URL as the mini program writes it. */
  get url(): string {
    const query = Object.entries(this.query).map(([name, value]) => `${name}=${value}`);
    return `/${this.path}${query.length > 0 ? `?${query.join('&')}` : ''}`;
  }

  /** Attaches the page and calls `onLoad`. Its components are attached first and may already use the page stack. */
  load(): void {
    const placeholder = element('span');
    byId('pages').append(placeholder);
    this.#root.attach(byId('pages') as never, placeholder as never);
    callHook(this.instance, 'onLoad', this.query);
  }

  /** Adds the page to the document. Only the visible page is in the document, so tests and screen readers find no other page. */
  show(): void {
    if (this.#isShown) return;
    this.#isShown = true;
    byId('pages').append(this.host);
    for (const [scroller, left, top] of this.#scrollPositions) scroller.scrollTo({ left, top, behavior: 'instant' });
    this.callShow();
    if (this.#isReady) return;
    this.#isReady = true;
    setTimeout(() => callHook(this.instance, 'onReady'));
  }

  hide(): void {
    if (this.#isShown) this.callHide();
    this.#isShown = false;
    this.#removeFromDocument();
  }

  unload(): void {
    this.#isShown = false;
    callHook(this.instance, 'onUnload');
    this.pullToRefresh?.dispose();
    this.#root.release();
    this.host.remove();
  }

  /** Calls the `show` lifetimes only. The page stays in the document while the app is in the background. */
  callShow(): void {
    callHook(this.instance, 'onShow');
    this.#root.getComponent().triggerPageLifetime('show', []);
  }

  callHide(): void {
    callHook(this.instance, 'onHide');
    this.#root.getComponent().triggerPageLifetime('hide', []);
  }

  hasHook(name: string): boolean {
    return typeof (this.instance as unknown as Record<string, unknown>)[name] === 'function';
  }

  #removeFromDocument(): void {
    // The browser resets the scroll position of a removed element.
    this.#scrollPositions = [this.host, ...this.host.querySelectorAll('*')]
      .filter((each) => each.scrollTop !== 0 || each.scrollLeft !== 0)
      .map((each) => [each, each.scrollLeft, each.scrollTop]);
    this.host.remove();
  }

  #handleScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.host;
    if (this.hasHook('onPageScroll')) callHook(this.instance, 'onPageScroll', { scrollTop });
    const isAtBottom = scrollHeight - clientHeight - scrollTop <= (this.config.onReachBottomDistance ?? REACH_BOTTOM_PX);
    if (isAtBottom && this.#reachedBottomAtHeight !== scrollHeight) callHook(this.instance, 'onReachBottom');
    this.#reachedBottomAtHeight = isAtBottom ? scrollHeight : null;
  }
}
