/** Checks that all texts of the user interface are in the dictionaries, in both languages. */

import { filesEndingIn, linesMatching, read } from './source';

import { texts as en } from '../../src/i18n/en';
import { texts as zh } from '../../src/i18n/zh';

type Dictionary = Record<string, Record<string, string>>;

/** Chinese characters and punctuation. The full-width plus is excluded because it is used as an icon. */
const CHINESE = /[\u3000-\u303f\u3400-\u9fff\uff00-\uff0a\uff0c-\uffef]/;

/** All entries as pairs of `area.key` and text. */
const entries = (dictionary: Dictionary): [string, string][] =>
  Object.entries(dictionary).flatMap(([area, texts]) =>
    Object.entries(texts).map(([key, text]): [string, string] => [`${area}.${key}`, text]),
  );

const placeholdersOf = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort();

const chinese = entries(zh);
const english = new Map(entries(en));

test('both languages have the same entries', () => {
  expect([...english.keys()].sort()).toEqual(chinese.map(([key]) => key).sort());
});

test('an entry has the same placeholders in both languages', () => {
  const differing = chinese.filter(
    ([key, text]) => String(placeholdersOf(text)) !== String(placeholdersOf(english.get(key) ?? '')),
  );

  expect(differing.map(([key]) => key)).toEqual([]);
});

test('no entry is empty or starts or ends with white space', () => {
  const invalid = [...chinese, ...english].filter(([, text]) => text.trim() === '' || text !== text.trim());

  expect(invalid.map(([key]) => key)).toEqual([]);
});

test('the English dictionary contains no Chinese except names and marks', () => {
  const allowed = /AI生成|中文|尼西|黑陶|《[^》]*》|“[^”]*”|"[^"]*"/g;

  expect([...english].filter(([, text]) => CHINESE.test(text.replace(allowed, ''))).map(([key]) => key)).toEqual([]);
});

test('templates and code contain no Chinese outside of comments', () => {
  const others = filesEndingIn('.ts', '.wxml', '.wxs', '.wxss').filter((file) => !file.startsWith('i18n/') && !file.endsWith('.d.ts'));

  const isComment = (line: string) => /^\S+ (?:\/\/|\/?\*|<!--)/.test(line);

  expect(linesMatching(others, CHINESE).filter((line) => !isComment(line))).toEqual([]);
});

test('templates contain no English text', () => {
  const texts = filesEndingIn('.wxml').flatMap((file) =>
    [...read(file).replace(/<!--[\s\S]*?-->|<wxs[\s\S]*?<\/wxs>|\{\{[\s\S]*?\}\}|"[^"]*"/g, '').matchAll(/>([^<]+)</g)]
      .map(([, text]) => (text ?? '').trim())
      .filter((text) => /[A-Za-z]{2}/.test(text) && text !== 'DualTrans')
      .map((text) => `${file}: ${text}`),
  );

  expect(texts).toEqual([]);
});

test('every entry is used somewhere', () => {
  const code = filesEndingIn('.ts', '.wxml', '.wxs')
    .filter((file) => !file.startsWith('i18n/zh/') && !file.startsWith('i18n/en/'))
    .map(read)
    .join('\n');
  // Keys that are composed at run time, such as common.category_clay, count as used if their prefix is used.
  const isUsed = (key: string) => {
    const name = key.split('.')[1] ?? '';
    const prefixes = [...name.matchAll(/_/g)].map(({ index }) => name.slice(0, index));
    return new RegExp(`\\b${name}\\b`).test(code) || prefixes.some((prefix) => code.includes(`${prefix}_\${`)) || key.startsWith('errors.');
  };

  expect(chinese.map(([key]) => key).filter((key) => !isUsed(key))).toEqual([]);
});
