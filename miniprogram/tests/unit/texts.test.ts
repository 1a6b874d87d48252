/** Languages and formatted numbers. */
import { FakeWx, fresh } from './fake-wx';

type Modules = typeof import('../../src/i18n/index') & typeof import('../../src/services/format') & { behavior: typeof import('../../src/behaviors/texts') };

let wx: FakeWx;
let texts: Modules;

beforeEach(() => {
  wx = new FakeWx();
  wx.install();
  load();
});

function load(): void {
  texts = fresh(() => ({ ...require('../../src/i18n/index'), ...require('../../src/services/format'), behavior: require('../../src/behaviors/texts') }) as Modules);
}

test.each([
  ['zh_CN', 'zh'],
  ['zh_TW', 'zh'],
  ['en', 'en'],
  ['fr_FR', 'en'],
])('a device with the language %s uses %s', (deviceLanguage, expected) => {
  wx.language = deviceLanguage;

  expect(texts.currentLanguage()).toBe(expected);
});

test('the chosen language takes precedence, also after a restart', () => {
  texts.setLanguage('en');

  load();

  expect(texts.currentLanguage()).toBe('en');
});

test('listeners are called once for each change, and not after they unsubscribe', () => {
  const listener = jest.fn();
  const unsubscribe = texts.onLanguageChange(listener);

  texts.setLanguage('en');
  texts.setLanguage('en');
  unsubscribe();
  texts.setLanguage('zh');

  expect(listener).toHaveBeenCalledTimes(1);
});

test('fills placeholders and keeps those without a value', () => {
  expect(texts.t('common.seconds', { count: 8 })).toBe('8 秒');
  expect(texts.t('common.seconds')).toBe('{count} 秒');
});

test('a localized text is returned in the current language', () => {
  texts.setLanguage('en');

  expect(texts.localized({ zh: '尼西黑陶', en: 'Nixi black pottery' })).toBe('Nixi black pottery');
});

test('a page gets its texts, and new ones when the language changes', () => {
  const page = { data: {} as Record<string, unknown>, setData: (data: object) => Object.assign(page.data, data), onTexts: jest.fn() };
  const { lifetimes } = texts.behavior.localizedTexts('works') as unknown as { lifetimes: { attached(): void; detached(): void } };

  lifetimes.attached.call(page as never);
  texts.setLanguage('en');
  const title = (page.data.t as { works: { title: string } }).works.title;
  lifetimes.detached.call(page as never);
  texts.setLanguage('zh');

  expect(title).toBe('Works');
  expect(page.onTexts).toHaveBeenCalledTimes(2);
});

const now = new Date(2026, 2, 8, 15, 30);

test.each([
  [new Date(2026, 2, 8, 9, 5), '今天 09:05', 'Today 09:05'],
  [new Date(2026, 2, 7, 23, 59), '昨天 23:59', 'Yesterday 23:59'],
  [new Date(2026, 0, 31, 7, 0), '1月31日 07:00', '31/1 07:00'],
  [new Date(2025, 11, 31, 7, 0), '2025年12月31日', '31/12/2025'],
])('formats %s as %s and %s', (date, chinese, english) => {
  const read = [texts.dateText(date.toISOString(), now)];
  texts.setLanguage('en');
  read.push(texts.dateText(date.toISOString(), now));

  expect(read).toEqual([chinese, english]);
});

test.each([
  [0, '1 秒'],
  [7.2, '8 秒'],
  [89, '89 秒'],
  [90, '2 分钟'],
  [3599, '60 分钟'],
])('formats %d seconds as %s', (seconds, text) => {
  expect(texts.durationText(seconds)).toBe(text);
});

test.each([
  [-1, 0],
  [0.126, 13],
  [2, 100],
])('formats the share %d as %d percent', (share, shown) => {
  expect(texts.percent(share)).toBe(shown);
});
