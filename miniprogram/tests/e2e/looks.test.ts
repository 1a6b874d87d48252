/** Languages, night, narrow and wide phones, large letters. */

import { type Phone } from './phone';
import { scenario, useBrowser } from './scenario';

useBrowser();

const TABS = ['create', 'styles', 'works', 'mine'] as const;
const ABOUT = ['nixi/nixi', 'privacy/privacy', 'marks/marks'];
const CHINESE = /[\u3400-\u9fff]/;
const MEANT = /中文|AI生成/; // the language's own name, and the mark as it stands in the pictures
const LARGE = 1.3;

/** Every page with something on it, one after the other. */
async function onEveryPage(phone: Phone, look: (page: string) => Promise<void>): Promise<void> {
  const work = await phone.hasMade({ title: phone.language === 'zh' ? '一只红罐' : 'A red jug' });
  for (const tab of TABS) {
    await phone.goToTab(tab);
    await phone.hasSettled();
    await look(tab);
  }
  for (const address of [`/pages/job/job?id=${work.id}`, ...ABOUT.map((page) => `/about/${page}`)]) {
    await phone.openApp(`/#${address}`);
    await phone.hasSettled();
    await look(address);
  }
}

scenario('in English no page holds a word of Chinese', async (phone) => {
  await phone.chooseLanguage('en');
  const chinese: string[] = [];
  await onEveryPage(phone, async (page) => {
    const words = (await phone.wordsOnScreen()).filter((text) => CHINESE.test(text));
    chinese.push(...words.map((text) => `${page}: ${text}`));
  });
  expect(chinese.filter((text) => !MEANT.test(text))).toEqual([]);
});

scenario('at night every page is dark', async (phone) => {
  const bright: string[] = [];
  await onEveryPage(phone, async (page) => {
    if ((await phone.brightnessOfGround()) > 60) bright.push(page);
  });
  expect(bright).toEqual([]);
}, { theme: 'dark' });

for (const language of ['zh', 'en'] as const) {
  scenario(`on phones of 320 to 430 px, and with letters a third larger, nothing reaches over the edge (${language})`, async (phone) => {
    const over: string[] = [];
    await onEveryPage(phone, async (page) => {
      const look = async (how: string) => over.push(...(await phone.whatReachesOverTheEdge()).map((part) => `${page}, ${how}: ${part}`));
      for (const width of [320, 430]) {
        await phone.resize(width);
        await look(`${width} px`);
      }
      await phone.resize(phone.handset.width);
      await phone.enlargeLetters(LARGE);
      await look('large letters');
    });
    expect(over).toEqual([]);
  }, { language });
}
