/** The two languages: which one is spoken, and its words. */
import { preferences } from '../store/preferences';
import { words as en } from './en/index';
import { words as zh } from './zh/index';

export type Language = 'zh' | 'en';
export type Words = typeof zh;
export type Area = keyof Words;
/** Like `create.start`: area and name. */
export type Key = { [A in Area]: `${A}.${Extract<keyof Words[A], string>}` }[Area];

type Dictionary = Record<Area, Readonly<Record<string, string>>>;

const DICTIONARIES: Record<Language, Dictionary> = { zh, en };

/** What was chosen, or else what the phone speaks. */
export function language(): Language {
  const { language: chosen } = preferences.get();
  if (chosen !== 'auto') return chosen;
  return wx.getAppBaseInfo().language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export function setLanguage(choice: Language | 'auto'): void {
  preferences.set({ ...preferences.get(), language: choice });
}

/** Called after each change of the language; returns how to hear no more of it. */
export function onLanguageChange(listener: () => void): () => void {
  let spoken = language();
  return preferences.subscribe(() => {
    if (language() === spoken) return;
    spoken = language();
    listener();
  });
}

/** The words of an area in the present language. */
export function wordsOfArea(area: Area): Readonly<Record<string, string>> {
  return DICTIONARIES[language()][area];
}

/** One sentence; `{name}` in it is replaced by `params.name`. */
export function t(key: Key, params: Record<string, string | number> = {}): string {
  const [area, name] = key.split('.') as [Area, string];
  return filled(wordsOfArea(area)[name] ?? key, params);
}

/** Of something that carries its name in both languages. */
export function nameOf(words: { zh: string; en: string }): string {
  return words[language()];
}

/** `text` with its placeholders filled; those without a value stay as they are. */
export function filled(text: string, params: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => String(params[name] ?? hole));
}
