/** A phone with the mini program on it, worked as a person works it: by the words and pictures on its screen. */

import { readFileSync } from 'node:fs';

import type { Browser, Download, Locator } from 'playwright-core';

import type { components } from '../../src/services/api-types';
import { Device, type Handset } from './device';
import { pictures } from './pictures';

export type { Handset } from './device';
export type Stylization = components['schemas']['StylizationRead'];
export type Style = components['schemas']['StyleRead'];

export const NIXI = 'nixi-black-pottery';

const PATIENCE_MS = 20_000;
const LOOK_AGAIN_MS = 150;

let phonesSoFar = 0;

export class Phone extends Device {
  static async unpack(browser: Browser, url: string, chosen: Partial<Handset> = {}): Promise<Phone> {
    phonesSoFar += 1;
    const owner = `person-${Date.now()}-${phonesSoFar}`;
    const handset: Handset = { width: 390, height: 844, language: 'zh', theme: 'light', owner, agreed: true, ...chosen };
    const context = await browser.newContext({
      viewport: { width: handset.width, height: handset.height },
      deviceScaleFactor: 2,
      hasTouch: true,
      locale: handset.language === 'zh' ? 'zh-CN' : 'en-US',
      timezoneId: 'Asia/Shanghai',
      colorScheme: handset.theme,
      reducedMotion: 'reduce',
      acceptDownloads: true,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await context.addInitScript(({ owner, agreed }) => {
      if (!location.protocol.startsWith('http')) return; // an empty page has no storage
      localStorage.setItem('runner:name', owner);
      if (agreed) localStorage.setItem('runner:privacy-agreed', 'yes');
    }, handset);
    return new Phone(await context.newPage(), context, url, handset);
  }

  // Creating

  async choosePhoto(name = 'photo.jpg'): Promise<void> {
    await this.givesFile(pictures(name), () => this.tap(this.say('create', 'photo_album')));
  }

  /** Chooses one and waits until it lies on the table. */
  async hasPhoto(name = 'photo.jpg'): Promise<void> {
    await this.choosePhoto(name);
    await this.named('img', this.say('create', 'photo_alt')).waitFor();
  }

  /** Of the strip on the page of creation, by its name in the language of now. */
  async chooseStyle(name: string): Promise<void> {
    await this.styleCard(name).click();
  }

  styleCard(name: string): Locator {
    return this.screen.locator(`[aria-label^="${name}"]`).filter({ visible: true }).first();
  }

  async switchOn(label: string): Promise<void> {
    await this.named('switch', label).click();
  }

  /** Draws the slider of this label to a value, as a finger does. */
  async slide(label: string, value: number): Promise<void> {
    const slider = this.named('slider', label);
    await slider.evaluate((part) => part.scrollIntoView({ block: 'center' })); // from under the bar with the start button
    const [low, high] = await Promise.all(['aria-valuemin', 'aria-valuemax'].map(async (name) => Number(await slider.getAttribute(name))));
    const box = await slider.locator('> *').first().boundingBox();
    if (!box || low === undefined || high === undefined) throw new Error(`there is no slider ${label}`);
    const goal = box.x + ((value - low) / (high - low)) * box.width;
    await this.drag({ x: box.x + box.width / 2, y: box.y + box.height / 2 }, { x: goal, y: box.y + box.height / 2 });
  }

  sliderValue(label: string): Promise<number> {
    return this.named('slider', label).getAttribute('aria-valuenow').then(Number);
  }

  async setStrength(tau: number): Promise<void> {
    await this.slide(this.say('create', 'tau'), tau);
  }

  async start(): Promise<void> {
    await this.tap(this.say('create', 'start'));
  }

  /** The shortest way to a work under way. */
  async startsWork(picture = 'photo.jpg', style = '尼西黑陶'): Promise<void> {
    await this.hasPhoto(picture);
    await this.chooseStyle(style);
    await this.start();
  }

  // A work

  async callOff(): Promise<void> {
    await this.tap(this.say('job', 'cancel'));
  }

  /** Half a firing would be lost, so it is asked whether that is meant. */
  async confirmsCallOff(): Promise<void> {
    await this.isTold(this.say('job', 'cancel_title'));
    await this.agree();
  }

  async waitForStatus(status: Stylization['status']): Promise<void> {
    await until(async () => (await this.allWorks())[0]?.status === status);
  }

  async waitForWorks(count: number): Promise<void> {
    await until(async () => (await this.allWorks()).length === count);
  }

  async seesResult(): Promise<void> {
    await this.button(this.say('job', 'save')).waitFor();
    await this.resultLoaded();
  }

  private async resultLoaded(): Promise<void> {
    await this.page.waitForFunction(() => [...document.querySelectorAll<HTMLImageElement>('#pages img')].some((image) => image.naturalWidth > 0));
  }

  get compare(): Locator {
    return this.named('slider', this.say('components', 'compare_slider'));
  }

  async compareAt(share: number): Promise<void> {
    const [handle, picture] = await Promise.all([this.compare.boundingBox(), this.compare.locator('..').boundingBox()]);
    if (!handle || !picture) throw new Error('there is nothing to compare');
    const y = handle.y + handle.height / 2;
    await this.drag({ x: handle.x + handle.width / 2, y }, { x: picture.x + picture.width * share, y });
  }

  saveToAlbum(): Promise<Download> {
    return this.savedBy(() => this.tap(this.say('job', 'save')));
  }

  /** The work in view, as the service knows it. */
  async workInView(): Promise<Stylization> {
    const id = /id=([\w-]+)/.exec((await this.stack()).at(-1) ?? '')?.[1];
    return id === undefined ? this.newestWork() : this.ask<Stylization>(`/v1/stylizations/${id}`);
  }

  async newestWork(): Promise<Stylization> {
    const [work] = await this.allWorks();
    if (work === undefined) throw new Error('there is no work yet');
    return work;
  }

  async allWorks(): Promise<Stylization[]> {
    return (await this.ask<{ items: Stylization[] }>('/v1/stylizations')).items;
  }

  // Works

  /** An order of theirs, sent from elsewhere. */
  orders({ picture = 'photo.jpg', style = NIXI, tau = 1 } = {}): Promise<Stylization> {
    const body = new FormData();
    body.set('file', new Blob([readFileSync(pictures(picture))]), picture);
    body.set('style_id', style);
    body.set('tau', String(tau));
    return this.ask<Stylization>('/v1/stylizations', { method: 'POST', body });
  }

  /** A work of theirs from before, made without a walk through the pages. */
  async hasMade({ title = '', ...look }: { picture?: string; style?: string; tau?: number; title?: string } = {}): Promise<Stylization> {
    const { id } = await this.orders(look);
    const work = await this.ask<Stylization>(`/v1/stylizations/${id}?wait=25`);
    if (work.status !== 'done') throw new Error(`the work is ${work.status}`);
    return title === '' ? work : this.ask<Stylization>(`/v1/stylizations/${id}`, { method: 'PATCH', json: { title } });
  }

  /** The card of a work, by a word of its name. */
  work(name: string): Locator {
    return this.screen.locator('work-card').filter({ hasText: name }).first();
  }

  async openWork(name: string): Promise<void> {
    await this.work(name).getByRole('button', { name: new RegExp(name) }).first().click();
  }

  async likeWork(name: string): Promise<void> {
    await this.work(name).getByRole('button', { name: this.say('components', 'favourite'), exact: true }).click();
  }

  async removeWork(name: string): Promise<void> {
    await this.work(name).getByRole('button', { name: this.say('components', 'more'), exact: true }).click();
    await this.work(name).getByRole('button', { name: new RegExp(`^${this.say('components', 'remove')}`) }).click();
  }

  async searchWorksFor(words: string): Promise<void> {
    await this.named('textbox', this.say('works', 'search_hint')).fill(words);
  }

  async openFilters(): Promise<void> {
    await this.tap(new RegExp(`^${this.say('works', 'filter')}`));
    await this.sees(this.say('works', 'filter_title'));
  }

  async applyFilters(): Promise<void> {
    await this.tap(this.say('works', 'filter_apply'));
  }

  // Language and looks

  async chooseLanguage(language: 'zh' | 'en'): Promise<void> {
    await this.goToTab('mine');
    await this.named('radio', this.say('mine', `language_${language}`)).click();
    this.language = language;
    await this.sees(this.say('mine', 'settings'));
  }
}

/** Asks until it is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const giveUp = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > giveUp) throw new Error('it did not happen in time');
    await new Promise((wake) => setTimeout(wake, LOOK_AGAIN_MS));
  }
}
