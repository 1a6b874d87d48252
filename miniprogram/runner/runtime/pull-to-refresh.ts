/** Pulling a page down to refresh it: by finger, by mouse, or by the button of the navigation bar. */

import { byId } from './elements';
import { callHook } from './errors';
import type { Page } from './page';

const ENOUGH_PX = 56;
const REST_PX = 48;

export class PullToRefresh {
  #page: Page;
  #start: number | null = null;
  #pulled = 0;
  #refreshing = false;
  #gone = new AbortController();

  constructor(page: Page) {
    this.#page = page;
    // On the window, where a gesture that a component has caught arrives marked as such.
    this.#listen('touchstart', (event) => this.#begin(event.touches[0]!.clientY));
    this.#listen('touchmove', (event) => this.#pull(event, event.touches[0]!.clientY));
    this.#listen('touchend', () => this.#release());
    this.#listen('touchcancel', () => this.#release());
    this.#listen('pointerdown', (event) => event.pointerType === 'mouse' && this.#begin(event.clientY));
    this.#listen('pointermove', (event) => event.pointerType === 'mouse' && this.#pull(event, event.clientY));
    this.#listen('pointerup', (event) => event.pointerType === 'mouse' && this.#release());
  }

  /** The page is gone. */
  end(): void {
    this.#gone.abort();
  }

  #listen<T extends keyof WindowEventMap>(type: T, act: (event: WindowEventMap[T]) => void): void {
    window.addEventListener(
      type,
      (event) => {
        if (this.#start !== null || this.#page.host.contains(event.target as Node)) act(event);
      },
      { signal: this.#gone.signal, passive: true },
    );
  }

  start(): void {
    if (this.#refreshing) return;
    this.#refreshing = true;
    this.#move(REST_PX);
    callHook(this.#page.instance, 'onPullDownRefresh');
  }

  stop(): void {
    this.#refreshing = false;
    this.#move(0);
  }

  #begin(y: number): void {
    this.#start = this.#page.host.scrollTop <= 0 && !this.#refreshing ? y : null;
    this.#pulled = 0;
  }

  #pull(event: Event, y: number): void {
    if (this.#start === null) return;
    if (event.defaultPrevented || this.#page.host.scrollTop > 0) {
      this.#start = null;
      this.#move(0);
      return;
    }
    this.#pulled = Math.max(0, y - this.#start);
    // The page follows at half the way, as rubber would.
    if (this.#pulled > 10) this.#move(this.#pulled / 2);
  }

  #release(): void {
    if (this.#start === null) return;
    this.#start = null;
    if (this.#pulled / 2 >= ENOUGH_PX) this.start();
    else if (this.#pulled > 0) this.#move(0);
  }

  #move(distance: number): void {
    this.#page.host.style.setProperty('--pulled', `${Math.min(distance, 96)}px`);
    byId('pages').classList.toggle('is-pulled', distance > 0);
  }
}
