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
    const seen = await Promise.all(phones.map((phone, index) => phone.photographScreen(screenshotOf(name, index))));
    const troubles = phones.flatMap((phone) => phone.troubles);
    throw withDetails(error, ['on the screen:', ...seen, 'page errors:', ...troubles]);
  } finally {
    held.release();
    await Promise.all(phones.map((phone) => phone.putAway()));
  }
}

const screenshotOf = (name: string, index: number): string => join(tmpdir(), `${name.replace(/[^\w]+/g, '-')}-${index}.png`);

function withDetails(error: unknown, details: string[]): unknown {
  if (!(error instanceof Error)) return error;
  const { message, stack = '' } = error;
  error.message = [message, ...details].join('\n');
  error.stack = stack.replace(message, error.message);
  return error;
}
