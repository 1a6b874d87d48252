/** One scenario: a phone in a fresh hand, walked through what its name says, with no error on any page. */

import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Browser } from 'playwright-core';

import { openBrowser } from './browser';
import { type Handset, Phone } from './phone';
import { worker } from './stack';

const SCENARIO_MS = 90_000;

/** What a walk may use beside the phone itself. */
export interface Surroundings {
  worker: ReturnType<typeof worker>;
  /** Another phone: of the same person with the same `owner`, else of somebody else. */
  another(handset?: Partial<Handset>): Promise<Phone>;
}

let browser: Browser;

/** Call once in each file of scenarios. */
export function useBrowser(): void {
  beforeAll(async () => {
    if (process.env.E2E_MISSING === undefined) browser = await openBrowser();
  }, SCENARIO_MS);
  afterAll(async () => {
    if (process.env.E2E_MISSING === undefined) await browser.close();
  });
}

export function scenario(name: string, walk: (phone: Phone, around: Surroundings) => Promise<void>, handset: Partial<Handset> = {}): void {
  const missing = process.env.E2E_MISSING;
  // A machine that decides over a change must not pass over what it cannot show.
  if (missing !== undefined && !process.env.CI) {
    test.skip(name, () => undefined);
    return;
  }
  test(name, async () => {
    if (missing !== undefined) throw new Error(missing);
    await walkThrough(name, walk, handset);
  }, SCENARIO_MS);
}

async function walkThrough(name: string, walk: (phone: Phone, around: Surroundings) => Promise<void>, handset: Partial<Handset>): Promise<void> {
  const url = process.env.E2E_URL ?? '';
  const held = worker(Number(process.env.E2E_PROCESS));
  const phones: Phone[] = [];
  const another = async (other: Partial<Handset> = {}) => {
    const phone = await Phone.unpack(browser, url, other);
    phones.push(phone);
    return phone;
  };
  try {
    const phone = await another(handset);
    await phone.openApp();
    await walk(phone, { worker: held, another });
    expect(phones.flatMap((each) => each.troubles)).toEqual([]);
  } catch (error) {
    const seen = await Promise.all(phones.map((phone, index) => phone.photographScreen(join(tmpdir(), `${name.replace(/\W+/g, '-')}-${index}.png`))));
    throw new Error(`${String(error)}\non the screen: ${seen.join('\n')}\npage errors: ${phones.flatMap((each) => each.troubles).join('\n')}`);
  } finally {
    held.release();
    await Promise.all(phones.map((phone) => phone.putAway()));
  }
}
