/** One open page: its part of the DOM, its configuration and its lifecycle. */

import type { AssociatedBackend, Root } from 'glass-easel-miniprogram-adapter';
import { byId, element } from './elements';
import { callHook } from './errors';
import { codeSpace, type PageConfig } from './mini-program';
import { PullToRefresh } from './pull-to-refresh';

const REACH_BOTTOM_PX = 50;

export type Query = Record<string, string>;

/** The object behind `this` in a page of the mini program. */
export type PageInstance = ReturnType<Root['get']> & { route?: string; options?: Query };

export class Page {
  readonly config: PageConfig;
  readonly host: HTMLElement;
  readonly instance: PageInstance;
  readonly pull: PullToRefresh | null;
  title: string;
  #root: Root;
  #ready = false;
  #shown = false;
  /** How high the page was when its end was last reached and told. */
  #endTold: number | null = null;
  #scrolled: [Element, number, number][] = [];

  constructor(
    backend: AssociatedBackend,
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
    this.host.addEventListener('scroll', () => this.#tellScroll());
    this.pull = this.config.enablePullDownRefresh ? new PullToRefresh(this) : null;
  }

  /** The address of the page as the mini program writes it. */
  get url(): string {
    const query = Object.entries(this.query).map(([name, value]) => `${name}=${value}`);
    return `/${this.path}${query.length > 0 ? `?${query.join('&')}` : ''}`;
  }

  /** Builds the page; its components come to life, and may already speak of the page in view. */
  load(): void {
    const placeholder = element('span');
    byId('pages').append(placeholder);
    this.#root.attach(byId('pages') as never, placeholder as never);
    callHook(this.instance, 'onLoad', this.query);
  }

  /** Only the page in view stands in the document, so it is the only one that a test or a screen reader finds. */
  show(): void {
    if (this.#shown) return;
    this.#shown = true;
    byId('pages').append(this.host);
    for (const [scroller, left, top] of this.#scrolled) scroller.scrollTo({ left, top, behavior: 'instant' });
    this.callShow();
    if (this.#ready) return;
    this.#ready = true;
    setTimeout(() => callHook(this.instance, 'onReady'));
  }

  hide(): void {
    if (this.#shown) this.callHide();
    this.#shown = false;
    this.#leaveDocument();
  }

  unload(): void {
    this.#shown = false;
    callHook(this.instance, 'onUnload');
    this.pull?.end();
    this.#root.release();
    this.host.remove();
  }

  /** App to the background and back: the page stays where it is. */
  callShow(): void {
    callHook(this.instance, 'onShow');
    this.#root.getComponent().triggerPageLifetime('show', []);
  }

  callHide(): void {
    callHook(this.instance, 'onHide');
    this.#root.getComponent().triggerPageLifetime('hide', []);
  }

  has(hook: string): boolean {
    return typeof (this.instance as unknown as Record<string, unknown>)[hook] === 'function';
  }

  #leaveDocument(): void {
    // The browser forgets how far a removed element was scrolled.
    this.#scrolled = [this.host, ...this.host.querySelectorAll('*')]
      .filter((each) => each.scrollTop !== 0 || each.scrollLeft !== 0)
      .map((each) => [each, each.scrollLeft, each.scrollTop]);
    this.host.remove();
  }

  #tellScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.host;
    if (this.has('onPageScroll')) callHook(this.instance, 'onPageScroll', { scrollTop });
    const near = scrollHeight - clientHeight - scrollTop <= (this.config.onReachBottomDistance ?? REACH_BOTTOM_PX);
    if (near && this.#endTold !== scrollHeight) callHook(this.instance, 'onReachBottom');
    this.#endTold = near ? scrollHeight : null;
  }
}
