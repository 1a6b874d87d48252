/**
 * The address line mirrors the page in view (`#/pages/job/job?id=…`), so that a page can be opened by its address,
 * and the browser's Back goes back in the mini program.
 */

import type { Navigation } from './navigation';

// The browser's history holds at most two entries of ours: one to stand on, and one above it to catch Back.
const GROUND = { runner: 'ground' };
const ABOVE = { runner: 'above' };

type Mark = typeof GROUND | null;

export class Address {
  #navigation: Navigation;
  #above = false;

  constructor(navigation: Navigation) {
    this.#navigation = navigation;
    history.replaceState(GROUND, '');
    window.addEventListener('popstate', (event) => this.#moved(event.state as Mark));
  }

  /** The page that the address asks for, or null. */
  static wanted(): string | null {
    const url = location.hash.slice(1);
    return url.startsWith('/') ? url : null;
  }

  /** To be called after every move. */
  mirror(): void {
    const hash = `#${this.#navigation.top.url}`;
    if (this.#navigation.stack.length > 1 && !this.#above) {
      this.#above = true;
      history.pushState(ABOVE, '', hash);
    } else {
      history.replaceState(this.#above ? ABOVE : GROUND, '', hash);
    }
  }

  #moved(mark: Mark): void {
    if (mark?.runner === ABOVE.runner) {
      this.#above = true;
      this.mirror();
    } else if (mark?.runner === GROUND.runner) {
      this.#above = false;
      if (this.#navigation.stack.length > 1) this.#navigation.navigateBack();
      else history.back();
    } else {
      // A person typed another address, or opened a link.
      this.#above = false;
      const url = Address.wanted();
      if (url) this.#navigation.reLaunch(url);
    }
  }
}
