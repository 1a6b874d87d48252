/** A simulated device with the runner: screen, network and platform dialogs. What depends on the mini program is in app-driver.ts. */

import type { BrowserContext, Download, Locator, Page, Request } from 'playwright-core';

import { texts as en } from '../../src/i18n/en';
import { texts as zh } from '../../src/i18n/zh';

type Dictionary = Record<string, Record<string, string>>;
type Language = 'zh' | 'en';
type Tab = 'create' | 'styles' | 'works' | 'mine';

const dictionaries: Record<Language, Dictionary> = { zh, en };
const TIMEOUT_MS = 20_000;
const DRAG_STEPS = 8;
const ALBUM_SCOPE = 'scope.writePhotosAlbum';

interface Point {
  x: number;
  y: number;
}

export interface DeviceOptions {
  width: number;
  height: number;
  language: Language;
  theme: 'light' | 'dark';
  /** The name of the account. Devices with the same name belong to the same user. */
  user: string;
  /** Whether the user has already agreed to the privacy guidelines. */
  hasPrivacyConsent: boolean;
}

/** The test interface of the runner, see runner/README.md. */
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
  /** Uncaught errors and console errors on the pages of this device. */
  readonly errors: string[] = [];
  readonly requests: Request[] = [];
  language: Language;

  protected constructor(
    readonly page: Page,
    protected readonly context: BrowserContext,
    readonly url: string,
    readonly options: DeviceOptions,
  ) {
    this.language = options.language;
    page.setDefaultTimeout(TIMEOUT_MS);
    page.on('pageerror', (error) => this.errors.push(`page error: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      // Chromium logs every response with a status from 400 on. Whether it is expected depends on the scenario.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) this.errors.push(message.text());
    });
    page.on('request', (request) => this.requests.push(request));
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  async screenshot(path: string): Promise<string> {
    await this.page.screenshot({ path });
    return path;
  }

  // Texts of the mini program

  /** A text from the dictionary in the current language. */
  t(area: string, key: string, values: Record<string, string | number> = {}): string {
    const text = dictionaries[this.language][area]?.[key];
    if (text === undefined) throw new Error(`the dictionary has no entry ${area}.${key}`);
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? `{${name}}`));
  }

  /** Matches a text from the dictionary with any values for its placeholders. */
  tPattern(area: string, key: string): RegExp {
    const literals = this.t(area, key).split(/\{\w+\}/).map((part) => part.replace(/[.*+?^$()[\]{}|\\]/g, '\\$&'));
    return new RegExp(literals.join('.+'));
  }

  // Content of the screen

  /** The visible page with its sheets. Dialogs of the platform are in `dialog`. */
  get screen(): Locator {
    return this.page.locator('#pages');
  }

  get dialog(): Locator {
    return this.page.locator('#dialogs').getByRole('dialog').last();
  }

  byRole(role: 'img' | 'slider' | 'switch' | 'textbox' | 'radio' | 'checkbox' | 'progressbar', name: string | RegExp): Locator {
    return this.screen.getByRole(role, { name }).filter({ visible: true }).first();
  }

  button(name: string | RegExp): Locator {
    return this.screen.getByRole('button', { name }).filter({ visible: true }).first();
  }

  /** Waits for a text on the page. A string must match the whole text. */
  async expectText(text: string | RegExp): Promise<void> {
    await this.screen.getByText(text, { exact: typeof text === 'string' }).filter({ visible: true }).first().waitFor();
  }

  async expectNoText(text: string | RegExp): Promise<void> {
    await this.screen.getByText(text).filter({ visible: true }).first().waitFor({ state: 'hidden' });
  }

  /** Waits for a text on the page, in a toast or in a dialog of the platform. */
  async expectMessage(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  async tap(name: string | RegExp): Promise<void> {
    await this.button(name).click();
  }

  /** Drags one finger from one point to another. */
  async drag(from: Point, to: Point): Promise<void> {
    const session = await this.context.newCDPSession(this.page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: Point[]) => session.send('Input.dispatchTouchEvent', { type, touchPoints });
    await touch('touchStart', from);
    for (let step = 1; step <= DRAG_STEPS; step += 1) {
      const progress = step / DRAG_STEPS;
      await touch('touchMove', { x: from.x + (to.x - from.x) * progress, y: from.y + (to.y - from.y) * progress });
    }
    await touch('touchEnd');
    await session.detach();
  }

  /** The URLs of the open pages, the bottom one first. */
  stack(): Promise<string[]> {
    return this.page.evaluate(() => runner.stack());
  }

  /** Waits for at least this many loaded images on the page. */
  async expectImages(count: number): Promise<void> {
    await this.page.waitForFunction(
      (least) => [...document.querySelectorAll<HTMLImageElement>('#pages img')].filter((image) => image.naturalWidth > 0 && image.offsetWidth > 0).length >= least,
      count,
    );
  }

  async waitForNetworkIdle(): Promise<void> {
    await this.page.waitForLoadState('networkidle');
  }

  /** Waits until no request is pending and the viewport shows no placeholder and no unloaded image. */
  async waitUntilLoaded(): Promise<void> {
    await this.waitForNetworkIdle();
    await this.page.waitForFunction(() => {
      const isInViewport = (element: Element) => {
        const { top, left, bottom, right } = element.getBoundingClientRect();
        return top < innerHeight && bottom > 0 && left < innerWidth && right > 0;
      };
      const isLoaded = (element: Element) => element instanceof HTMLImageElement && element.complete && element.naturalWidth > 0;
      return [...document.querySelectorAll('#pages :is(img, skeleton-block)')].every((element) => isLoaded(element) || !isInViewport(element));
    });
    await this.page.evaluate(() => {
      const loaded = [...document.querySelectorAll<HTMLImageElement>('#pages img')].filter((image) => image.naturalWidth > 0);
      return Promise.all(loaded.map((image) => image.decode()));
    });
  }

  async resize(width: number): Promise<void> {
    await this.page.setViewportSize({ width, height: this.options.height });
  }

  async scrollToBottom(): Promise<void> {
    await this.screen.locator('> *').last().evaluate((page) => page.scrollTo({ top: page.scrollHeight }));
  }

  /** Opens the picker with this label and chooses an option. */
  async pickOption(label: string, option: string): Promise<void> {
    await this.screen.locator(`[aria-label="${label}"]`).filter({ visible: true }).first().click();
    await this.dialog.getByRole('option', { name: option }).click();
    await this.confirmDialog();
  }

  // Appearance

  /** The visible texts and screen reader labels of the mini program, without those of the platform. */
  visibleTexts(): Promise<string[]> {
    return this.page.evaluate(() => {
      const roots = [...document.querySelectorAll<HTMLElement>('#title, #pages, #tab-bar .tab')];
      const texts = roots.flatMap((root) => root.innerText.split('\n'));
      const labels = roots.flatMap((root) => [...root.querySelectorAll('[aria-label]')]).map((element) => element.getAttribute('aria-label') ?? '');
      return [...texts, ...labels].map((text) => text.trim()).filter((text) => text !== '');
    });
  }

  /** The brightness of the page background, 0 to 255. */
  backgroundBrightness(): Promise<number> {
    return this.page.evaluate(() => {
      let element = document.querySelector('#pages > *');
      while (element && /rgba\(0, 0, 0, 0\)|transparent/.test(getComputedStyle(element).backgroundColor)) element = element.parentElement;
      const [red = 255, green = 255, blue = 255] = element ? (getComputedStyle(element).backgroundColor.match(/\d+/g) ?? []).map(Number) : [];
      return (red + green + blue) / 3;
    });
  }

  /** Elements that extend beyond the page horizontally, except inside a scrolling container; and buttons whose text is cut off. */
  overflowingElements(): Promise<string[]> {
    return this.page.evaluate(() => {
      const describe = (element: Element) => `${element.tagName.toLowerCase()}.${element.className} "${(element.textContent ?? '').trim().slice(0, 24)}"`;
      const page = document.querySelector<HTMLElement>('#pages > *');
      if (!page) return ['no page'];
      const { left, right } = page.getBoundingClientRect();
      const isInScrollContainer = (element: Element): boolean => {
        for (let outer = element.parentElement; outer && outer !== page; outer = outer.parentElement) {
          if (/auto|scroll|hidden|clip/.test(getComputedStyle(outer).overflowX)) return true;
        }
        return false;
      };
      const overflowing = [...page.querySelectorAll<HTMLElement>('*')].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && (box.right > right + 1 || box.left < left - 1) && !isInScrollContainer(element);
      });
      const cutOff = [...page.querySelectorAll<HTMLElement>('wx-button, .button')].filter(
        (element) => element.offsetWidth > 0 && element.scrollWidth > element.clientWidth + 1,
      );
      return [...new Set([...overflowing, ...cutOff].map(describe))].slice(0, 6);
    });
  }

  /** Multiplies all font sizes, as the font size setting of a phone does. */
  async scaleFonts(factor: number): Promise<void> {
    await this.page.evaluate((scale) => {
      const elements = [...document.querySelectorAll<HTMLElement>('#pages *')];
      const sizes = elements.map((element) => parseFloat(getComputedStyle(element).fontSize));
      elements.forEach((element, index) => element.style.setProperty('font-size', `${(sizes[index] ?? 0) * scale}px`, 'important'));
    }, factor);
  }

  /** The mean absolute difference of two images of the service, 0 to 255. */
  meanDifference(firstUrl = '', secondUrl = ''): Promise<number> {
    return this.page.evaluate(
      async (urls) => {
        const side = 64;
        const pixels = await Promise.all(
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
        const [first = [], second = []] = pixels;
        return [...first].reduce((sum, value, index) => sum + Math.abs(value - (second[index] ?? 0)), 0) / first.length;
      },
      [firstUrl, secondUrl],
    );
  }

  // The app

  /** Opens the mini program at its first page or at the given address. */
  async openApp(address = '/'): Promise<void> {
    await this.page.goto(new URL(address, this.url).href);
    await this.page.locator('#pages > *').first().waitFor();
  }

  /** Closes the mini program and opens it again. */
  async reopenApp(): Promise<void> {
    await this.page.goto('about:blank');
    await this.openApp();
  }

  async goToTab(tab: Tab): Promise<void> {
    await this.page.getByRole('tab', { name: this.t(tab, 'title') }).click();
  }

  async moveToBackground(): Promise<void> {
    await this.page.evaluate(() => runner.hide());
  }

  async moveToForeground(): Promise<void> {
    await this.page.evaluate(() => runner.show());
  }

  async goOffline(): Promise<void> {
    await this.context.setOffline(true);
  }

  async goOnline(): Promise<void> {
    await this.context.setOffline(false);
  }

  // Dialogs of the platform

  async confirmDialog(): Promise<void> {
    await this.dialog.locator('.dialog-actions .dialog-button--primary, .picker-header .dialog-button--primary').click();
  }

  async declineDialog(): Promise<void> {
    await this.dialog.locator('.dialog-actions .dialog-button--secondary').click();
  }

  /** Closes the dialog with Escape. */
  async dismissDialog(): Promise<void> {
    const dialog = this.dialog;
    await dialog.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  }

  /** Waits for the file that the action saves. The runner saves to the download folder instead of an album. */
  waitForDownload(action: () => Promise<void>): Promise<Download> {
    return Promise.all([this.page.waitForEvent('download', { timeout: TIMEOUT_MS }), action()]).then(([download]) => download);
  }

  async grantAlbumPermission(): Promise<void> {
    await this.page.evaluate((scope) => {
      runner.permissions[scope] = 'granted';
    }, ALBUM_SCOPE);
  }

  /** Chooses this file in the file dialog that the action opens. */
  async chooseFile(path: string, action: () => Promise<void>): Promise<void> {
    const [chooser] = await Promise.all([this.page.waitForEvent('filechooser'), action()]);
    await chooser.setFiles(path);
  }

  // The service

  /** Calls the API directly, as the user of this device. */
  async callApi<T>(path: string, { method = 'GET', body, json }: { method?: string; body?: FormData; json?: object } = {}): Promise<T> {
    const login = await fetch(`${this.url}/v1/auth/wechat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: `dev-${this.options.user}` }),
    });
    const { token } = (await login.json()) as { token: string };
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(json ? { 'content-type': 'application/json' } : {}) },
      ...(json ? { body: JSON.stringify(json) } : body ? { body } : {}),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** The requests of the mini program with this method and path. */
  requestsTo(method: string, path: RegExp): Request[] {
    return this.requests.filter((request) => request.method() === method && path.test(new URL(request.url()).pathname));
  }
}
