/** A phone as such: its screen, its network, the windows of the platform, and whose hand it is in. What the mini program offers is in phone.ts. */

import type { BrowserContext, Download, Locator, Page, Request } from 'playwright-core';

import { texts as en } from '../../src/i18n/en';
import { texts as zh } from '../../src/i18n/zh';

type Dictionary = Record<string, Record<string, string>>;
export type Language = 'zh' | 'en';
export type Tab = 'create' | 'styles' | 'works' | 'mine';

const dictionaries: Record<Language, Dictionary> = { zh, en };
const PATIENCE_MS = 20_000;
const DRAG_STEPS = 8;
const ALBUM = 'scope.writePhotosAlbum';

interface Point {
  x: number;
  y: number;
}

/** What kind of phone it is, and in whose hand. */
export interface Handset {
  width: number;
  height: number;
  language: Language;
  theme: 'light' | 'dark';
  /** Whose account; another name is another person. */
  owner: string;
  /** Whether its owner has agreed to the privacy guidelines before. */
  agreed: boolean;
}

/** What the runner shows of itself to tests, as `window.runner`. */
interface Runner {
  errors: string[];
  permissions: Record<string, 'granted' | 'denied'>;
  stack(): string[];
  hide(): void;
  show(): void;
}
declare global {
  var runner: Runner;
}

export class Device {
  /** Everything that must not have happened on any of its pages. */
  readonly troubles: string[] = [];
  readonly requests: Request[] = [];
  language: Language;

  protected constructor(
    readonly page: Page,
    protected readonly context: BrowserContext,
    readonly url: string,
    readonly handset: Handset,
  ) {
    this.language = handset.language;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.troubles.push(`page error: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      // Chromium logs each answer from 400 on; whether that is in order is for the scenario to say.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) this.troubles.push(message.text());
    });
    page.on('request', (request) => this.requests.push(request));
  }

  async putAway(): Promise<void> {
    await this.context.close();
  }

  async photographScreen(path: string): Promise<string> {
    await this.page.screenshot({ path });
    return path;
  }

  // Words

  /** The words of the dictionary in the language of now. */
  say(area: string, key: string, values: Record<string, string | number> = {}): string {
    const text = dictionaries[this.language][area]?.[key];
    if (text === undefined) throw new Error(`the dictionary has no ${area}.${key}`);
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? `{${name}}`));
  }

  /** For words with numbers in them that nobody can foretell. */
  pattern(area: string, key: string): RegExp {
    const literal = this.say(area, key).split(/\{\w+\}/).map((part) => part.replace(/[.*+?^$()[\]{}|\\]/g, '\\$&'));
    return new RegExp(literal.join('.+'));
  }

  // What is seen

  /** The page in view, with its sheets; the platform's own windows are in `dialog`. */
  get screen(): Locator {
    return this.page.locator('#pages');
  }

  get dialog(): Locator {
    return this.page.locator('#dialogs').getByRole('dialog').last();
  }

  /** A part of the page by the label that a screen reader hears. */
  named(role: 'img' | 'slider' | 'switch' | 'textbox' | 'radio' | 'checkbox' | 'progressbar', name: string | RegExp): Locator {
    return this.screen.getByRole(role, { name }).filter({ visible: true }).first();
  }

  text(words: string | RegExp): Locator {
    return this.screen.getByText(words, { exact: typeof words === 'string' }).filter({ visible: true }).first();
  }

  button(words: string | RegExp): Locator {
    return this.screen.getByRole('button', { name: words }).filter({ visible: true }).first();
  }

  async sees(words: string | RegExp): Promise<void> {
    await this.text(words).waitFor();
  }

  async seesNoLonger(words: string | RegExp): Promise<void> {
    await this.screen.getByText(words).filter({ visible: true }).first().waitFor({ state: 'hidden' });
  }

  /** Anywhere: on the page, in a toast or in a window of the platform. */
  async isTold(words: string | RegExp): Promise<void> {
    await this.page.getByText(words).filter({ visible: true }).first().waitFor();
  }

  async tap(words: string | RegExp): Promise<void> {
    await this.button(words).click();
  }

  /** One finger, put down at one place, drawn to another and lifted there. */
  async drag(from: Point, to: Point): Promise<void> {
    const finger = await this.context.newCDPSession(this.page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: Point[]) => finger.send('Input.dispatchTouchEvent', { type, touchPoints });
    await touch('touchStart', from);
    for (let step = 1; step <= DRAG_STEPS; step += 1) {
      const share = step / DRAG_STEPS;
      await touch('touchMove', { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share });
    }
    await touch('touchEnd');
    await finger.detach();
  }

  /** The open pages, the lowest first, as the mini program writes their addresses. */
  stack(): Promise<string[]> {
    return this.page.evaluate(() => runner.stack());
  }

  /** As many pictures as this, loaded and in sight. */
  async seesPictures(count: number): Promise<void> {
    await this.page.waitForFunction(
      (least) => [...document.querySelectorAll<HTMLImageElement>('#pages img')].filter((image) => image.naturalWidth > 0 && image.offsetWidth > 0).length >= least,
      count,
    );
  }

  /** Nothing is on its way any more. */
  async isQuiet(): Promise<void> {
    await this.page.waitForLoadState('networkidle');
  }

  /** Nothing is on its way any more: in sight no place is held, and every picture is drawn. */
  async hasSettled(): Promise<void> {
    await this.isQuiet();
    await this.page.waitForFunction(() => {
      const isInSight = (part: Element) => {
        const { top, left, bottom, right } = part.getBoundingClientRect();
        return top < innerHeight && bottom > 0 && left < innerWidth && right > 0;
      };
      const isThere = (part: Element) => part instanceof HTMLImageElement && part.complete && part.naturalWidth > 0;
      return [...document.querySelectorAll('#pages :is(img, skeleton-block)')].every((part) => isThere(part) || !isInSight(part));
    });
    await this.page.evaluate(() => {
      const loaded = [...document.querySelectorAll<HTMLImageElement>('#pages img')].filter((image) => image.naturalWidth > 0);
      return Promise.all(loaded.map((image) => image.decode()));
    });
  }

  async resize(width: number): Promise<void> {
    await this.page.setViewportSize({ width, height: this.handset.height });
  }

  async scrollDown(): Promise<void> {
    await this.screen.locator('> *').last().evaluate((page) => page.scrollTo({ top: page.scrollHeight }));
  }

  /** Answers a picker of the platform. */
  async pick(label: string, choice: string): Promise<void> {
    await this.screen.locator(`[aria-label="${label}"]`).filter({ visible: true }).first().click();
    await this.dialog.getByRole('option', { name: choice }).click();
    await this.agree();
  }

  // How it looks

  /** All words of the mini program that can be read, and those that a screen reader would say; not those of the platform. */
  wordsOnScreen(): Promise<string[]> {
    return this.page.evaluate(() => {
      const parts = [...document.querySelectorAll<HTMLElement>('#title, #pages, #tab-bar .tab')];
      const read = parts.flatMap((part) => part.innerText.split('\n'));
      const heard = parts.flatMap((part) => [...part.querySelectorAll('[aria-label]')]).map((part) => part.getAttribute('aria-label') ?? '');
      return [...read, ...heard].map((text) => text.trim()).filter((text) => text !== '');
    });
  }

  /** Of the page's own ground, 0 to 255. */
  brightnessOfGround(): Promise<number> {
    return this.page.evaluate(() => {
      let part = document.querySelector('#pages > *');
      while (part && /rgba\(0, 0, 0, 0\)|transparent/.test(getComputedStyle(part).backgroundColor)) part = part.parentElement;
      const [red = 255, green = 255, blue = 255] = part ? (getComputedStyle(part).backgroundColor.match(/\d+/g) ?? []).map(Number) : [];
      return (red + green + blue) / 3;
    });
  }

  /** Parts that stick out of the page sideways, but for those in a strip that scrolls; and words that their box cuts off. */
  whatReachesOverTheEdge(): Promise<string[]> {
    return this.page.evaluate(() => {
      const nameOf = (part: Element) => `${part.tagName.toLowerCase()}.${part.className} "${(part.textContent ?? '').trim().slice(0, 24)}"`;
      const page = document.querySelector<HTMLElement>('#pages > *');
      if (!page) return ['no page'];
      const { left, right } = page.getBoundingClientRect();
      const scrolls = (part: Element): boolean => {
        for (let outer = part.parentElement; outer && outer !== page; outer = outer.parentElement) {
          if (/auto|scroll|hidden|clip/.test(getComputedStyle(outer).overflowX)) return true;
        }
        return false;
      };
      const over = [...page.querySelectorAll<HTMLElement>('*')].filter((part) => {
        const box = part.getBoundingClientRect();
        return box.width > 0 && (box.right > right + 1 || box.left < left - 1) && !scrolls(part);
      });
      const cut = [...page.querySelectorAll<HTMLElement>('wx-button, .button')].filter((part) => part.offsetWidth > 0 && part.scrollWidth > part.clientWidth + 1);
      return [...new Set([...over, ...cut].map(nameOf))].slice(0, 6);
    });
  }

  /** As the setting for larger letters of a phone does. */
  async enlargeLetters(times: number): Promise<void> {
    await this.page.evaluate((factor) => {
      const parts = [...document.querySelectorAll<HTMLElement>('#pages *')];
      const sizes = parts.map((part) => parseFloat(getComputedStyle(part).fontSize));
      parts.forEach((part, index) => part.style.setProperty('font-size', `${(sizes[index] ?? 0) * factor}px`, 'important'));
    }, times);
  }

  /** The mean difference of two pictures of the service, 0 to 255. */
  differenceBetween(one = '', other = ''): Promise<number> {
    return this.page.evaluate(
      async (urls) => {
        const side = 64;
        const points = await Promise.all(
          urls.map(async (url) => {
            const image = new Image();
            image.src = new URL(url).pathname + new URL(url).search;
            await image.decode();
            const canvas = new OffscreenCanvas(side, side).getContext('2d');
            if (!canvas) throw new Error('no canvas');
            canvas.drawImage(image, 0, 0, side, side);
            return canvas.getImageData(0, 0, side, side).data;
          }),
        );
        const [first = [], second = []] = points;
        return [...first].reduce((sum, value, index) => sum + Math.abs(value - (second[index] ?? 0)), 0) / first.length;
      },
      [one, other],
    );
  }

  // The app as a whole

  /** Opens the mini program, at its start or at one of its pages. */
  async openApp(address = '/'): Promise<void> {
    await this.page.goto(new URL(address, this.url).href);
    await this.page.locator('#pages > *').first().waitFor();
  }

  /** Closes it and opens it again, as a person does who comes back later. */
  async reopenApp(): Promise<void> {
    await this.page.goto('about:blank');
    await this.openApp();
  }

  async goToTab(tab: Tab): Promise<void> {
    await this.page.getByRole('tab', { name: this.say(tab, 'title') }).click();
  }

  async goBack(): Promise<void> {
    await this.page.locator('.bar-button--back').click();
  }

  async leaveForAnotherApp(): Promise<void> {
    await this.page.evaluate(() => runner.hide());
  }

  async comeBack(): Promise<void> {
    await this.page.evaluate(() => runner.show());
  }

  async loseNetwork(): Promise<void> {
    await this.context.setOffline(true);
  }

  async findNetwork(): Promise<void> {
    await this.context.setOffline(false);
  }

  // The windows of the platform

  async agree(): Promise<void> {
    await this.dialog.locator('.dialog-answers .dialog-button--main, .picker-head .dialog-button--main').click();
  }

  async refuse(): Promise<void> {
    await this.dialog.locator('.dialog-answers .dialog-button--quiet').click();
  }

  /** Closes the platform's window without an answer. */
  async dismiss(): Promise<void> {
    const window = this.dialog;
    await window.press('Escape');
    await window.waitFor({ state: 'hidden' });
  }

  /** A picture goes to the album; a browser's album is its folder of downloads. */
  savedBy(action: () => Promise<void>): Promise<Download> {
    return Promise.all([this.page.waitForEvent('download', { timeout: PATIENCE_MS }), action()]).then(([download]) => download);
  }

  async hasAllowedTheAlbum(): Promise<void> {
    await this.page.evaluate((scope) => {
      runner.permissions[scope] = 'granted';
    }, ALBUM);
  }

  async hasDeniedTheAlbum(): Promise<void> {
    await this.page.evaluate((scope) => {
      runner.permissions[scope] = 'denied';
    }, ALBUM);
  }

  /** Answers the platform's choice of files with this one. */
  async givesFile(path: string, action: () => Promise<void>): Promise<void> {
    const [chooser] = await Promise.all([this.page.waitForEvent('filechooser'), action()]);
    await chooser.setFiles(path);
  }

  // What the service knows of its owner

  /** Asks the service directly, in the owner's name. */
  async ask<T>(path: string, { method = 'GET', body, json }: { method?: string; body?: FormData; json?: object } = {}): Promise<T> {
    const login = await fetch(`${this.url}/v1/auth/wechat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: `dev-${this.handset.owner}` }),
    });
    const { token } = (await login.json()) as { token: string };
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(json ? { 'content-type': 'application/json' } : {}) },
      ...(json ? { body: JSON.stringify(json) } : body ? { body } : {}),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  requestsTo(method: string, path: RegExp): Request[] {
    return this.requests.filter((request) => request.method() === method && path.test(new URL(request.url()).pathname));
  }
}
