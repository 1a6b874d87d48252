/** Finds and starts Chromium. */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { type Browser, chromium } from 'playwright-core';

const PROGRAM_NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];

/** The path of Chromium, or null. The environment variable CHROMIUM has priority. */
export function findChromium(): string | null {
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => PROGRAM_NAMES.map((name) => join(folder, name)));
  return [process.env.CHROMIUM ?? '', '/usr/bin/chromium', ...onPath].find((path) => path !== '' && existsSync(path)) ?? null;
}

export function openBrowser(): Promise<Browser> {
  const path = findChromium();
  if (path === null) throw new Error('The end-to-end tests need Chromium. Install it or set CHROMIUM to its path.');
  return chromium.launch({
    executablePath: path,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}
