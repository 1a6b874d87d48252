/** Refreshes a page when it is pulled down by finger or mouse, or through the button in the navigation bar. */

import { byId } from './dom';

/** The page moves half as far as the finger, so that the pull feels elastic. */
const PULL_RATIO = 0.5;
const MIN_PULL_PX = 10;
const REFRESH_OFFSET_PX = 56;
const REFRESHING_OFFSET_PX = 48;
const MAX_OFFSET_PX = 96;

export class PullToRefresh {
  #host: HTMLElement;
  #onRefresh: () => void;
  #startY: number | null = null;
  #pulledPx = 0;
  #isRefreshing = false;
  #listeners = new AbortController();

  constructor(host: HTMLElement, onRefresh: () => void) {
    this.#host = host;
    this.#onRefresh = onRefresh;
    // Listeners on the window see whether a component has already prevented the event.
    this.#listen('touchstart', (event) => this.#begin(event.touches[0]!.clientY));
    this.#listen('touchmove', (event) => this.#pull(event, event.touches[0]!.clientY));
    this.#listen('touchend', () => this.#release());
    this.#listen('touchcancel', () => this.#release());
    this.#listen('pointerdown', (event) => event.pointerType === 'mouse' && this.#begin(event.clientY));
    this.#listen('pointermove', (event) => event.pointerType === 'mouse' && this.#pull(event, event.clientY));
    this.#listen('pointerup', (event) => event.pointerType === 'mouse' && this.#release());
  }

  /** Removes the event listeners. */
  dispose(): void {
    this.#listeners.abort();
  }

  start(): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    this.#setOffset(REFRESHING_OFFSET_PX);
    this.#onRefresh();
  }

  stop(): void {
    this.#isRefreshing = false;
    this.#setOffset(0);
  }

  #listen<T extends keyof WindowEventMap>(type: T, handle: (event: WindowEventMap[T]) => void): void {
    window.addEventListener(
      type,
      (event) => {
        if (this.#startY !== null || this.#host.contains(event.target as Node)) handle(event);
      },
      { signal: this.#listeners.signal, passive: true },
    );
  }

  #begin(y: number): void {
    this.#startY = this.#host.scrollTop <= 0 && !this.#isRefreshing ? y : null;
    this.#pulledPx = 0;
  }

  #pull(event: Event, y: number): void {
    if (this.#startY === null) return;
    if (event.defaultPrevented || this.#host.scrollTop > 0) {
      this.#startY = null;
      this.#setOffset(0);
      return;
    }
    this.#pulledPx = Math.max(0, y - this.#startY);
    if (this.#pulledPx > MIN_PULL_PX) this.#setOffset(this.#pulledPx * PULL_RATIO);
  }

  #release(): void {
    if (this.#startY === null) return;
    this.#startY = null;
    if (this.#pulledPx * PULL_RATIO >= REFRESH_OFFSET_PX) this.start();
    else if (this.#pulledPx > 0) this.#setOffset(0);
  }

  #setOffset(offsetPx: number): void {
    this.#host.style.setProperty('--pull-offset', `${Math.min(offsetPx, MAX_OFFSET_PX)}px`);
    byId('pages').classList.toggle('is-pulled', offsetPx > 0);
  }
}
