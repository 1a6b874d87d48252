/** A phone with the mini program on it, worked as a person works it: by the words and pictures on its screen. */

import { readFileSync } from 'node:fs';

import type { Browser, Locator } from 'playwright-core';

import type { components } from '../../src/services/api-types';
import { Device, type Handset } from './device';
import { pictures } from './pictures';

export type { Handset } from './device';
type Stylization = components['schemas']['StylizationRead'];

const NIXI = 'nixi-black-pottery';

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
      localStorage.setItem('runner:name', owner);
      if (agreed) localStorage.setItem('runner:privacy-agreed', 'yes');
    }, handset);
    return new Phone(await context.newPage(), context, url, handset);
  }

  // Works

  /** A work of theirs from before, made without a walk through the pages. */
  async hasMade(look: { picture?: string; style?: string; tau?: number; title?: string } = {}): Promise<Stylization> {
    const { picture = 'photo.jpg', style = NIXI, tau = 1, title } = look;
    const body = new FormData();
    body.set('file', new Blob([readFileSync(pictures(picture))]), picture);
    body.set('style_id', style);
    body.set('tau', String(tau));
    const { id } = await this.ask<Stylization>('/v1/stylizations', { method: 'POST', body });
    let work = await this.ask<Stylization>(`/v1/stylizations/${id}?wait=20`);
    if (title !== undefined) work = await this.ask<Stylization>(`/v1/stylizations/${id}`, { method: 'PATCH', json: { title } });
    if (work.status !== 'done') throw new Error(`the work is ${work.status}`);
    return work;
  }

  get works(): Locator {
    return this.screen.locator('[is="components/work-card/work-card"], wx-work-card, work-card').filter({ visible: true });
  }

  async searchWorksFor(words: string): Promise<void> {
    await this.screen.getByRole('textbox', { name: this.say('works', 'search_hint') }).fill(words);
  }

  async openFilters(): Promise<void> {
    await this.tap(new RegExp(`^${this.say('works', 'filter')}`));
    await this.sees(this.say('works', 'filter_title'));
  }

  async applyFilters(): Promise<void> {
    await this.tap(this.say('works', 'filter_apply'));
  }
}
