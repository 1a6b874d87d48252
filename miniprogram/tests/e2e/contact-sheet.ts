/** `npm run contact-sheet`: writes screenshots of every page, in both themes and languages, to docs/. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AppDriver, NIXI, type Style, type Stylization } from './app-driver';
import { openBrowser } from './browser';
import type { DeviceOptions } from './device';
import { programPath, REPOSITORY, startStack, type Worker, workerOf } from './stack';

const USER = 'contact-sheet';
const DOCS = join(process.cwd(), 'docs');
const VARIANTS: Pick<DeviceOptions, 'language' | 'theme'>[] = [
  { language: 'zh', theme: 'light' },
  { language: 'zh', theme: 'dark' },
  { language: 'en', theme: 'light' },
  { language: 'en', theme: 'dark' },
];
const WORKS: [style: string, tau: number, photo: string][] = [
  ['great-wave', 1, 'landscape.jpg'],
  ['blue-and-white-porcelain', 1, 'still-life.jpg'],
  ['van-gogh-haystacks', 0.9, 'landscape.jpg'],
  ['ink-landscape', 1, 'landscape.jpg'],
  ['cloisonne', 0.8, 'still-life.jpg'],
  [NIXI, 1, 'landscape.jpg'],
];

function runPython(...options: string[]): void {
  const script = join(process.cwd(), 'tests/e2e/contact_sheet.py');
  execFileSync(programPath('python'), [script, ...options], { cwd: REPOSITORY, env: { ...process.env, PYTHONPATH: REPOSITORY } });
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'contact-sheet-'));
  mkdirSync(DOCS, { recursive: true });
  runPython('photos', folder);
  process.env.E2E_IMAGES = folder;
  const stack = await startStack();
  const browser = await openBrowser();
  try {
    for (const variant of VARIANTS) {
      const app = await AppDriver.create(browser, stack.url, { ...variant, user: USER });
      const screenshots = join(folder, `${variant.theme}-${variant.language}`);
      mkdirSync(screenshots);
      await createWorks(app);
      await takeScreenshots(app, workerOf(stack.processId), screenshots);
      await app.close();
      if (app.errors.length > 0) throw new Error(app.errors.join('\n'));
      runPython('compose', screenshots, join(DOCS, `screens-${variant.theme}-${variant.language}.webp`));
    }
  } finally {
    await browser.close();
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All variants belong to one user, so the works are created only once. */
async function createWorks(app: AppDriver): Promise<void> {
  if ((await app.listWorks()).length > 0) return;
  for (const [style, tau, photo] of WORKS) {
    const { id } = await app.createWork({ style, tau, photo });
    await app.callApi(`/v1/stylizations/${id}`, { method: 'PATCH', json: { favourite: style === NIXI } });
  }
}

async function takeScreenshots(app: AppDriver, worker: Worker, folder: string): Promise<void> {
  let count = 0;
  const takeScreenshot = async (page: string) => {
    await app.waitUntilLoaded();
    count += 1;
    await app.screenshot(join(folder, `${String(count).padStart(2, '0')}-${page}.png`));
  };
  const open = async (address: string, page: string) => {
    await app.openApp(`/#${address}`);
    await takeScreenshot(page);
  };
  const nameOf = async (id: string) => (await app.callApi<Style>(`/v1/styles/${id}`)).name[app.language];

  await app.openApp();
  await takeScreenshot('create');
  await app.addPhoto('still-life.jpg');
  await app.chooseStyle(await nameOf(NIXI));
  await takeScreenshot('create-chosen');
  await app.toggle(app.t('create', 'mix'));
  await app.chooseStyle(await nameOf('blue-and-white-porcelain'));
  await app.tap(app.t('create', 'more'));
  await app.scrollToBottom();
  await takeScreenshot('create-more');
  await app.toggle(app.t('create', 'mix'));

  worker.pause();
  await app.start();
  await app.expectText(app.tPattern('job', 'place_next'));
  await takeScreenshot('progress');
  worker.resume();
  await app.expectResult();
  await takeScreenshot('result');
  await app.tap(app.t('job', 'rerun'));
  await app.expectText(app.t('job', 'rerun_title'));
  await takeScreenshot('rerun');
  const work = await app.newestWork();
  await open(`/pages/job/job?id=${work.id}`, 'work');
  await app.tap(app.t('job', 'share'));
  await app.button(app.t('job', 'poster')).waitFor();
  await takeScreenshot('sharing');
  await app.tap(app.t('job', 'poster'));
  await app.dialog.locator('img').waitFor();
  await takeScreenshot('poster');
  await app.dismissDialog();

  const { token } = await app.callApi<{ token: string }>(`/v1/stylizations/${work.id}/share`, { method: 'POST' });
  await open(`/pages/share/share?token=${token}`, 'shared');
  await open('/pages/works/works', 'works');
  await app.openFilters();
  await takeScreenshot('filters');
  await open('/pages/styles/styles', 'styles');
  await app.styleCard(await nameOf(NIXI)).click();
  await app.expectText(app.t('styles', 'story_title'));
  await takeScreenshot('style');
  await open('/about/nixi/nixi', 'nixi');
  await open('/pages/mine/mine', 'mine');
  await open('/about/privacy/privacy', 'privacy');
  await open('/about/marks/marks', 'marks');
  await app.callApi<Stylization>(`/v1/stylizations/${work.id}`, { method: 'DELETE' });
}

void main();
