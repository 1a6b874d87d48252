/** Finds Chromium on this machine and starts it. */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];

export function findChromium(): string | null {
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [process.env.CHROMIUM ?? '', '/usr/bin/chromium', ...onPath].find((path) => path !== '' && existsSync(path)) ?? null;
}

export function openBrowser(): Promise<Browser> {
  const path = findChromium();
  if (path === null) throw new Error('the end-to-end tests need Chromium: install it, or name it by CHROMIUM');
  return chromium.launch({
    executablePath: path,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}
