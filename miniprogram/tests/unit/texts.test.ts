/** The languages, and numbers as people read them. */
import { FakeWx, fresh } from './fake-wx';

type Everything = typeof import('../../src/i18n/index') & typeof import('../../src/services/format') & { behavior: typeof import('../../src/behaviors/texts') };

let wx: FakeWx;
let words: Everything;

beforeEach(() => {
  wx = new FakeWx();
  wx.install();
  load();
});

function load(): void {
  words = fresh(() => ({ ...require('../../src/i18n/index'), ...require('../../src/services/format'), behavior: require('../../src/behaviors/texts') }) as Everything);
}

test.each([
  ['zh_CN', 'zh'],
  ['zh_TW', 'zh'],
  ['en', 'en'],
  ['fr_FR', 'en'],
])('a phone that speaks %s is spoken to in %s', (spoken, expected) => {
  wx.language = spoken;

  expect(words.language()).toBe(expected);
});

test('what was chosen wins over the phone, also after a new start', () => {
  words.setLanguage('en');

  load();

  expect(words.language()).toBe('en');
});

test('a change is told once, and not to those who left', () => {
  const heard = jest.fn();
  const leave = words.onLanguageChange(heard);

  words.setLanguage('en');
  words.setLanguage('en');
  leave();
  words.setLanguage('zh');

  expect(heard).toHaveBeenCalledTimes(1);
});

test('placeholders are interpolate, and those without a value stay to be seen', () => {
  expect(words.t('common.seconds', { count: 8 })).toBe('8 秒');
  expect(words.t('common.seconds')).toBe('{count} 秒');
});

test('a name is said in the present language', () => {
  words.setLanguage('en');

  expect(words.localized({ zh: '尼西黑陶', en: 'Nixi black pottery' })).toBe('Nixi black pottery');
});

test('a page gets its words, and new ones when the language changes', () => {
  const page = { data: {} as Record<string, unknown>, setData: (data: object) => Object.assign(page.data, data), onTexts: jest.fn() };
  const { lifetimes } = words.behavior.localizedTexts('common') as unknown as { lifetimes: { attached(): void; detached(): void } };

  lifetimes.attached.call(page as never);
  words.setLanguage('en');
  const heard = (page.data.w as { common: { offline: string } }).common.offline;
  lifetimes.detached.call(page as never);
  words.setLanguage('zh');

  expect(heard).toBe('No network');
  expect(page.onTexts).toHaveBeenCalledTimes(2);
});

const now = new Date(2026, 2, 8, 15, 30);

test.each([
  [new Date(2026, 2, 8, 9, 5), '今天 09:05', 'Today 09:05'],
  [new Date(2026, 2, 7, 23, 59), '昨天 23:59', 'Yesterday 23:59'],
  [new Date(2026, 0, 31, 7, 0), '1月31日 07:00', '31/1 07:00'],
  [new Date(2025, 11, 31, 7, 0), '2025年12月31日', '31/12/2025'],
])('%s reads %s and %s', (date, chinese, english) => {
  const read = [words.dateOf(date.toISOString(), now)];
  words.setLanguage('en');
  read.push(words.dateOf(date.toISOString(), now));

  expect(read).toEqual([chinese, english]);
});

test.each([
  [0, '1 秒'],
  [7.2, '8 秒'],
  [89, '89 秒'],
  [90, '2 分钟'],
  [3599, '60 分钟'],
])('%d seconds read %s', (seconds, text) => {
  expect(words.secondsText(seconds)).toBe(text);
});

test.each([
  [-1, 0],
  [0.126, 13],
  [2, 100],
])('the share %d is %d per cent', (share, shown) => {
  expect(words.percent(share)).toBe(shown);
});
