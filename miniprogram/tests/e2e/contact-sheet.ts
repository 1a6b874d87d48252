/** `npm run contact-sheet`: every page in light and dark, in Chinese and English, laid out in docs/ for people to look at. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openBrowser } from './browser';
import { type Handset, NIXI, Phone, type Style, type Stylization } from './phone';
import { command, REPOSITORY, type Stack, startStack, worker } from './stack';

const OWNER = 'contact-sheet';
const DOCS = join(process.cwd(), 'docs');
const LOOKS: { language: Handset['language']; theme: Handset['theme'] }[] = [
  { language: 'zh', theme: 'light' },
  { language: 'zh', theme: 'dark' },
  { language: 'en', theme: 'light' },
  { language: 'en', theme: 'dark' },
];
const SHELF: [style: string, tau: number, picture: string][] = [
  ['great-wave', 1, 'landscape.jpg'],
  ['blue-and-white-porcelain', 1, 'still-life.jpg'],
  ['van-gogh-haystacks', 0.9, 'landscape.jpg'],
  ['ink-landscape', 1, 'landscape.jpg'],
  ['cloisonne', 0.8, 'still-life.jpg'],
  [NIXI, 1, 'landscape.jpg'],
];

const python = (...options: string[]) =>
  execFileSync(command('python'), [join(process.cwd(), 'tests/e2e/contact_sheet.py'), ...options], { cwd: REPOSITORY, env: { ...process.env, PYTHONPATH: REPOSITORY } });

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'contact-sheet-'));
  mkdirSync(DOCS, { recursive: true });
  python('photographs', folder);
  process.env.E2E_PICTURES = folder;
  const stack = await startStack();
  const browser = await openBrowser();
  try {
    for (const look of LOOKS) {
      const phone = await Phone.unpack(browser, stack.url, { ...look, owner: OWNER });
      const screens = join(folder, `${look.theme}-${look.language}`);
      mkdirSync(screens);
      await fillShelf(phone);
      await walk(phone, stack, screens);
      await phone.putAway();
      if (phone.troubles.length > 0) throw new Error(phone.troubles.join('\n'));
      python('compose', screens, join(DOCS, `screens-${look.theme}-${look.language}.webp`));
    }
  } finally {
    await browser.close();
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fillShelf(phone: Phone): Promise<void> {
  if ((await phone.allWorks()).length > 0) return;
  for (const [style, tau, picture] of SHELF) {
    const { id } = await phone.hasMade({ style, tau, picture });
    await phone.ask(`/v1/stylizations/${id}`, { method: 'PATCH', json: { favourite: style === NIXI } });
  }
}

async function walk(phone: Phone, stack: Stack, screens: string): Promise<void> {
  let taken = 0;
  const take = async (page: string) => {
    await phone.hasSettled();
    taken += 1;
    await phone.photographScreen(join(screens, `${String(taken).padStart(2, '0')}-${page}.png`));
  };
  const open = async (address: string, page: string) => {
    await phone.openApp(`/#${address}`);
    await take(page);
  };
  const nameOf = async (id: string) => (await phone.ask<Style>(`/v1/styles/${id}`)).name[phone.language];

  await phone.openApp();
  await take('create');
  await phone.hasPhoto('still-life.jpg');
  await phone.chooseStyle(await nameOf(NIXI));
  await take('create-chosen');
  await phone.switchOn(phone.say('create', 'mix'));
  await phone.chooseStyle(await nameOf('blue-and-white-porcelain'));
  await phone.tap(phone.say('create', 'more'));
  await phone.scrollDown();
  await take('create-more');
  await phone.switchOn(phone.say('create', 'mix'));

  worker(stack.processId).hold();
  await phone.start();
  await phone.sees(phone.pattern('job', 'place_next'));
  await take('kiln');
  worker(stack.processId).release();
  await phone.seesResult();
  await take('result');
  await phone.tap(phone.say('job', 'rerun'));
  await phone.sees(phone.say('job', 'rerun_title'));
  await take('again');
  const work = await phone.newestWork();
  await open(`/pages/job/job?id=${work.id}`, 'work');
  await phone.tap(phone.say('job', 'share'));
  await phone.button(phone.say('job', 'poster')).waitFor();
  await take('sharing');
  await phone.tap(phone.say('job', 'poster'));
  await phone.dialog.locator('img').waitFor();
  await take('poster');
  await phone.dismiss();

  const { token } = await phone.ask<{ token: string }>(`/v1/stylizations/${work.id}/share`, { method: 'POST' });
  await open(`/pages/share/share?token=${token}`, 'shared');
  await open('/pages/works/works', 'works');
  await phone.openFilters();
  await take('filters');
  await open('/pages/styles/styles', 'styles');
  await phone.styleCard(await nameOf(NIXI)).click();
  await phone.sees(phone.say('styles', 'story_title'));
  await take('style');
  await open('/about/nixi/nixi', 'nixi');
  await open('/pages/mine/mine', 'mine');
  await open('/about/privacy/privacy', 'privacy');
  await open('/about/marks/marks', 'marks');
  await phone.ask<Stylization>(`/v1/stylizations/${work.id}`, { method: 'DELETE' });
}

void main();
