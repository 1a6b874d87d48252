/** Languages, the dark theme, screen widths and large fonts. */

import type { AppDriver } from './app-driver';
import { scenario, useBrowser } from './scenario';

useBrowser();

const TABS = ['create', 'styles', 'works', 'mine'] as const;
const ABOUT = ['nixi/nixi', 'privacy/privacy', 'marks/marks'];
const CHINESE = /[\u3400-\u9fff]/;
const ALLOWED_CHINESE = /中文|AI生成/; // the name of the language and the mark on the results
const LARGE_FONT_FACTOR = 1.3;
const MAX_DARK_BRIGHTNESS = 60;

/** Opens every page, with one work in the account, and runs the check on it. */
async function onEveryPage(app: AppDriver, check: (page: string) => Promise<void>): Promise<void> {
  const work = await app.createWork({ title: app.language === 'zh' ? '一只红罐' : 'A red jug' });
  for (const tab of TABS) {
    await app.goToTab(tab);
    await app.waitUntilLoaded();
    await check(tab);
  }
  for (const address of [`/pages/job/job?id=${work.id}`, ...ABOUT.map((page) => `/about/${page}`)]) {
    await app.openApp(`/#${address}`);
    await app.waitUntilLoaded();
    await check(address);
  }
}

scenario('in English no page contains Chinese', async (app) => {
  await app.chooseLanguage('en');
  const chinese: string[] = [];
  await onEveryPage(app, async (page) => {
    const texts = (await app.visibleTexts()).filter((text) => CHINESE.test(text));
    chinese.push(...texts.map((text) => `${page}: ${text}`));
  });
  expect(chinese.filter((text) => !ALLOWED_CHINESE.test(text))).toEqual([]);
});

scenario('in the dark theme every page is dark', async (app) => {
  const bright: string[] = [];
  await onEveryPage(app, async (page) => {
    if ((await app.backgroundBrightness()) > MAX_DARK_BRIGHTNESS) bright.push(page);
  });
  expect(bright).toEqual([]);
}, { theme: 'dark' });

for (const language of ['zh', 'en'] as const) {
  scenario(`nothing overflows on screens of 320 to 430 px and with fonts 30 % larger (${language})`, async (app) => {
    const overflowing: string[] = [];
    await onEveryPage(app, async (page) => {
      const check = async (condition: string) => {
        overflowing.push(...(await app.overflowingElements()).map((element) => `${page}, ${condition}: ${element}`));
      };
      for (const width of [320, 430]) {
        await app.resize(width);
        await check(`${width} px`);
      }
      await app.resize(app.options.width);
      await app.scaleFonts(LARGE_FONT_FACTOR);
      await check('large fonts');
    });
    expect(overflowing).toEqual([]);
  }, { language });
}
