/** Whether the colours of app.wxss can be read, by day and by night (WCAG 2.2: 4.5 for text, 3 for large text and controls). */

import { read } from './source';

type Tokens = Record<string, string>;

const TEXT = 4.5;
const CONTROL = 3;

const sheet = read('app.wxss');
const dark = sheet.match(/@media\s*\(prefers-color-scheme:\s*dark\)\s*\{([\s\S]*?)\n\}/)?.[1] ?? '';

const tokensIn = (css: string): Tokens =>
  Object.fromEntries([...css.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\s*;/gi)].map(([, name, value]) => [name ?? '', value ?? '']));

const day = tokensIn(sheet.replace(dark, ''));
const themes = { light: day, dark: { ...day, ...tokensIn(dark) } };

/** Relative luminance, as WCAG defines it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((start) => parseInt(colour.slice(start, start + 2), 16) / 255)
    .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const PAIRS: [foreground: string, background: string, least: number][] = [
  ['ink', 'ground', TEXT],
  ['ink', 'card', TEXT],
  ['ink', 'soft', TEXT],
  ['ink-2', 'ground', TEXT],
  ['ink-2', 'card', TEXT],
  ['ink-2', 'soft', TEXT],
  ['on-accent', 'accent', TEXT],
  ['accent', 'ground', TEXT],
  ['accent', 'card', TEXT],
  ['danger', 'ground', TEXT],
  ['danger', 'card', TEXT],
  ['ok', 'ground', CONTROL],
  ['ok', 'card', CONTROL],
  ['accent', 'soft', CONTROL],
];

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each(PAIRS)('%s on %s is at least %d to 1', (foreground, background, least) => {
    const { [foreground]: front = '', [background]: back = '' } = themes[theme];

    expect([front, back]).toEqual([expect.stringMatching(/^#/), expect.stringMatching(/^#/)]);
    expect(contrast(front, back)).toBeGreaterThanOrEqual(least);
  });
});

test('black on white is 21 to 1', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
});

test('every colour has a counterpart for the dark', () => {
  expect(Object.keys(tokensIn(dark)).sort()).toEqual(Object.keys(day).sort());
});
