/** The contrast of the colors in app.wxss, in both themes (WCAG 2.2: 4.5 for text, 3 for large text and controls). */

import { read } from './source';

type Tokens = Record<string, string>;

const TEXT_CONTRAST = 4.5;
const CONTROL_CONTRAST = 3;

const sheet = read('app.wxss');
const darkSheet = sheet.match(/@media\s*\(prefers-color-scheme:\s*dark\)\s*\{([\s\S]*?)\n\}/)?.[1] ?? '';

const tokensIn = (css: string): Tokens =>
  Object.fromEntries([...css.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\s*;/gi)].map(([, name, value]) => [name ?? '', value ?? '']));

const light = tokensIn(sheet.replace(darkSheet, ''));
const themes = { light, dark: { ...light, ...tokensIn(darkSheet) } };

/** Relative luminance as defined by WCAG, 0 to 1. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((start) => parseInt(color.slice(start, start + 2), 16) / 255)
    .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

const PAIRS: [foreground: string, background: string, minContrast: number][] = [
  ['ink', 'background', TEXT_CONTRAST],
  ['ink', 'card', TEXT_CONTRAST],
  ['ink', 'soft', TEXT_CONTRAST],
  ['ink-2', 'background', TEXT_CONTRAST],
  ['ink-2', 'card', TEXT_CONTRAST],
  ['ink-2', 'soft', TEXT_CONTRAST],
  ['on-accent', 'accent', TEXT_CONTRAST],
  ['accent', 'background', TEXT_CONTRAST],
  ['accent', 'card', TEXT_CONTRAST],
  ['danger', 'background', TEXT_CONTRAST],
  ['danger', 'card', TEXT_CONTRAST],
  ['ok', 'background', CONTROL_CONTRAST],
  ['ok', 'card', CONTROL_CONTRAST],
  ['accent', 'soft', CONTROL_CONTRAST],
];

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each(PAIRS)('%s on %s is at least %d to 1', (foreground, background, minContrast) => {
    const { [foreground]: front = '', [background]: back = '' } = themes[theme];

    expect([front, back]).toEqual([expect.stringMatching(/^#/), expect.stringMatching(/^#/)]);
    expect(contrast(front, back)).toBeGreaterThanOrEqual(minContrast);
  });
});

test('black on white is 21 to 1', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
});

test('every color has a value for the dark theme', () => {
  expect(Object.keys(tokensIn(darkSheet)).sort()).toEqual(Object.keys(light).sort());
});
