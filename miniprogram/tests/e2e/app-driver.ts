/** Operates the mini program as a user does: by the texts and images on the screen. */

import { readFileSync } from 'node:fs';

import type { Browser, Download, Locator } from 'playwright-core';

import type { components } from '../../src/services/api-types';
import { Device, type DeviceOptions } from './device';
import { sampleImage } from './sample-images';

export type Stylization = components['schemas']['StylizationRead'];
export type Style = components['schemas']['StyleRead'];

export const NIXI = 'nixi-black-pottery';

/** The parameters of a work that is created through the API. `styles` is a mixture, in place of `style`. */
interface WorkParameters {
  photo?: string;
  style?: string;
  styles?: { id: string; weight: number }[];
  tau?: number;
}

const TIMEOUT_MS = 20_000;
const POLL_INTERVAL_MS = 150;

let userCount = 0;

export class AppDriver extends Device {
  /** Creates a simulated device for a new user, unless `options.user` names one. */
  static async create(browser: Browser, url: string, options: Partial<DeviceOptions> = {}): Promise<AppDriver> {
    userCount += 1;
    const device: DeviceOptions = {
      width: 390,
      height: 844,
      language: 'zh',
      theme: 'light',
      user: `user-${Date.now()}-${userCount}`,
      hasPrivacyConsent: true,
      ...options,
    };
    const context = await browser.newContext({
      viewport: { width: device.width, height: device.height },
      deviceScaleFactor: 2,
      hasTouch: true,
      locale: device.language === 'zh' ? 'zh-CN' : 'en-US',
      timezoneId: 'Asia/Shanghai',
      colorScheme: device.theme,
      reducedMotion: 'reduce',
      acceptDownloads: true,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await context.addInitScript(({ user, hasPrivacyConsent }) => {
      if (!location.protocol.startsWith('http')) return; // about:blank has no storage
      localStorage.setItem('runner:name', user);
      if (hasPrivacyConsent) localStorage.setItem('runner:privacy-agreed', 'yes');
    }, device);
    return new AppDriver(await context.newPage(), context, url, device);
  }

  // Create a work

  /** Chooses a photo without waiting for its preview. */
  async choosePhoto(name = 'photo.jpg'): Promise<void> {
    await this.chooseFile(sampleImage(name), () => this.tap(this.t('create', 'photo_album')));
  }

  /** Chooses a photo and waits for its preview. */
  async addPhoto(name = 'photo.jpg'): Promise<void> {
    await this.choosePhoto(name);
    await this.byRole('img', this.t('create', 'photo_alt')).waitFor();
  }

  /** Chooses a style by its name in the current language. */
  async chooseStyle(name: string): Promise<void> {
    await this.styleCard(name).click();
  }

  styleCard(name: string): Locator {
    return this.screen.locator(`[aria-label^="${name}"]`).filter({ visible: true }).first();
  }

  async toggle(label: string): Promise<void> {
    await this.byRole('switch', label).click();
  }

  /** Drags the slider with this label to a value. */
  async setSlider(label: string, value: number): Promise<void> {
    const slider = this.byRole('slider', label);
    await slider.evaluate((element) => element.scrollIntoView({ block: 'center' })); // the bar with the start button may cover it
    const [min, max] = await Promise.all(['aria-valuemin', 'aria-valuemax'].map(async (name) => Number(await slider.getAttribute(name))));
    const box = await slider.locator('> *').first().boundingBox();
    if (!box || min === undefined || max === undefined) throw new Error(`slider not found: ${label}`);
    const targetX = box.x + ((value - min) / (max - min)) * box.width;
    await this.drag({ x: box.x + box.width / 2, y: box.y + box.height / 2 }, { x: targetX, y: box.y + box.height / 2 });
  }

  sliderValue(label: string): Promise<number> {
    return this.byRole('slider', label).getAttribute('aria-valuenow').then(Number);
  }

  async setStrength(tau: number): Promise<void> {
    await this.setSlider(this.t('create', 'tau'), tau);
  }

  async start(): Promise<void> {
    await this.tap(this.t('create', 'start'));
  }

  /** Chooses a photo and a style and starts the work. */
  async startWork(photo = 'photo.jpg', style = '尼西黑陶'): Promise<void> {
    await this.addPhoto(photo);
    await this.chooseStyle(style);
    await this.start();
  }

  // One work

  /** Waits for the description of a stage of a running work. */
  async expectRunning(): Promise<void> {
    const descriptions = ['running', 'loading', 'painting', 'storing'].map((stage) => this.t('components', `stage_text_${stage}`));
    await this.expectText(new RegExp(descriptions.join('|')));
  }

  async cancelWork(): Promise<void> {
    await this.tap(this.t('job', 'cancel'));
  }

  /** Confirms the question that appears when a running work is cancelled. */
  async confirmCancel(): Promise<void> {
    await this.expectMessage(this.t('job', 'cancel_title'));
    await this.confirmDialog();
  }

  async waitForStatus(status: Stylization['status']): Promise<void> {
    await waitUntil(`a work with the status ${status}`, async () => (await this.listWorks())[0]?.status === status);
  }

  async waitForWorkCount(count: number): Promise<void> {
    await waitUntil(`${count} works`, async () => (await this.listWorks()).length === count);
  }

  async expectResult(): Promise<void> {
    await this.button(this.t('job', 'save')).waitFor();
    await this.expectImages(1);
  }

  /** The slider that divides photo and result. */
  get compareSlider(): Locator {
    return this.byRole('slider', this.t('components', 'compare_slider'));
  }

  /** Drags the compare slider to a position from 0 (left) to 1 (right). */
  async compareAt(position: number): Promise<void> {
    const [handle, image] = await Promise.all([this.compareSlider.boundingBox(), this.compareSlider.locator('..').boundingBox()]);
    if (!handle || !image) throw new Error('compare slider not found');
    const y = handle.y + handle.height / 2;
    await this.drag({ x: handle.x + handle.width / 2, y }, { x: image.x + image.width * position, y });
  }

  saveToAlbum(): Promise<Download> {
    return this.waitForDownload(() => this.tap(this.t('job', 'save')));
  }

  /** The work on the visible page, from the API. */
  async currentWork(): Promise<Stylization> {
    const id = /id=([\w-]+)/.exec((await this.stack()).at(-1) ?? '')?.[1];
    return id === undefined ? this.newestWork() : this.callApi<Stylization>(`/v1/stylizations/${id}`);
  }

  async newestWork(): Promise<Stylization> {
    const [work] = await this.listWorks();
    if (work === undefined) throw new Error('the user has no works');
    return work;
  }

  /** The user's works from the API, the newest first. */
  async listWorks(): Promise<Stylization[]> {
    return (await this.callApi<{ items: Stylization[] }>('/v1/stylizations')).items;
  }

  /** Submits a job through the API, not through the mini program. */
  submitWork({ photo = 'photo.jpg', style = NIXI, styles = [], tau = 1 }: WorkParameters = {}): Promise<Stylization> {
    const body = new FormData();
    body.set('file', new Blob([readFileSync(sampleImage(photo))]), photo);
    if (styles.length > 0) body.set('styles', JSON.stringify(styles));
    else body.set('style_id', style);
    body.set('tau', String(tau));
    return this.callApi<Stylization>('/v1/stylizations', { method: 'POST', body });
  }

  /** Creates a finished work through the API, not through the mini program. */
  async createWork({ title = '', ...request }: WorkParameters & { title?: string } = {}): Promise<Stylization> {
    const { id } = await this.submitWork(request);
    const work = await this.callApi<Stylization>(`/v1/stylizations/${id}?wait=25`);
    if (work.status !== 'done') throw new Error(`the status of the work is ${work.status}`);
    return title === '' ? work : this.callApi<Stylization>(`/v1/stylizations/${id}`, { method: 'PATCH', json: { title } });
  }

  // The list of works

  /** The card of a work, by a part of its title. */
  workCard(title: string): Locator {
    return this.screen.locator('work-card').filter({ hasText: title }).first();
  }

  async openWork(title: string): Promise<void> {
    await this.workCard(title).getByRole('button', { name: new RegExp(title) }).first().click();
  }

  async markAsFavourite(title: string): Promise<void> {
    await this.workCard(title).getByRole('button', { name: this.t('components', 'favourite'), exact: true }).click();
  }

  async deleteWork(title: string): Promise<void> {
    await this.workCard(title).getByRole('button', { name: this.t('components', 'more'), exact: true }).click();
    await this.workCard(title).getByRole('button', { name: new RegExp(`^${this.t('components', 'remove')}`) }).click();
  }

  async searchWorks(text: string): Promise<void> {
    await this.byRole('textbox', this.t('works', 'search_hint')).fill(text);
  }

  async openFilters(): Promise<void> {
    await this.tap(new RegExp(`^${this.t('works', 'filter')}`));
    await this.expectText(this.t('works', 'filter_title'));
  }

  async applyFilters(): Promise<void> {
    await this.tap(this.t('works', 'filter_apply'));
  }

  // Settings

  async chooseLanguage(language: 'zh' | 'en'): Promise<void> {
    await this.goToTab('mine');
    await this.byRole('radio', this.t('mine', `language_${language}`)).click();
    this.language = language;
    await this.expectText(this.t('mine', 'settings'));
  }
}

/** Polls until the condition is true. `goal` describes it in the error message. */
async function waitUntil(goal: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`timeout while waiting for ${goal}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}
