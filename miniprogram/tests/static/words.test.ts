/** Everything a person reads stands in the dictionaries, in both languages. */

import { filesEndingIn, linesMatching, read } from './source';

import { texts as en } from '../../src/i18n/en';
import { texts as zh } from '../../src/i18n/zh';

type Dictionary = Record<string, Record<string, string>>;

/** Letters and punctuation; the wide plus is drawn as a sign. */
const CHINESE = /[\u3000-\u303f\u3400-\u9fff\uff00-\uff0a\uff0c-\uffef]/;

/** All entries as `area.key` with their words. */
const entries = (dictionary: Dictionary): [string, string][] =>
  Object.entries(dictionary).flatMap(([area, words]) =>
    Object.entries(words).map(([key, text]): [string, string] => [`${area}.${key}`, text]),
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

test('no entry is empty or has a blank at its edge', () => {
  const ragged = [...chinese, ...english].filter(([, text]) => text.trim() === '' || text !== text.trim());

  expect(ragged.map(([key]) => key)).toEqual([]);
});

test('no Chinese stands in the English dictionary but the names and marks that are Chinese', () => {
  const meant = /AI生成|中文|尼西|黑陶|《[^》]*》|“[^”]*”|"[^"]*"/g;

  expect([...english].filter(([, text]) => CHINESE.test(text.replace(meant, ''))).map(([key]) => key)).toEqual([]);
});

test('templates and code hold no Chinese of their own', () => {
  const others = filesEndingIn('.ts', '.wxml', '.wxs', '.wxss').filter((file) => !file.startsWith('i18n/') && !file.endsWith('.d.ts'));

  const isComment = (line: string) => /^\S+ (?:\/\/|\/?\*|<!--)/.test(line);

  expect(linesMatching(others, CHINESE).filter((line) => !isComment(line))).toEqual([]);
});

test('templates hold no English words of their own', () => {
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
  // Keys made up at run time, such as common.family_clay, are used as a family.
  const isUsed = (key: string) => {
    const name = key.split('.')[1] ?? '';
    const families = [...name.matchAll(/_/g)].map(({ index }) => name.slice(0, index));
    return new RegExp(`\\b${name}\\b`).test(code) || families.some((family) => code.includes(`${family}_\${`)) || key.startsWith('errors.');
  };

  expect(chinese.map(([key]) => key).filter((key) => !isUsed(key))).toEqual([]);
});
