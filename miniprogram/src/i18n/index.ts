/** The interface language and its texts. */
import { preferences } from '../store/preferences';
import { texts as en } from './en/index';
import { texts as zh } from './zh/index';

export type Language = 'zh' | 'en';
type Texts = typeof zh;
/** A file of texts, such as `create`. */
export type TextArea = keyof Texts;
/** Area and name, such as `create.start`. */
export type TextKey = { [A in TextArea]: `${A}.${Extract<keyof Texts[A], string>}` }[TextArea];
export type TextParams = Record<string, string | number>;

/** A text of the service in both languages, such as the name of a style. */
export interface LocalizedText {
  zh: string;
  en: string;
}

const TEXTS: Record<Language, Record<TextArea, Readonly<Record<string, string>>>> = { zh, en };

/** The language that the user chose, otherwise the language of the device. */
export function currentLanguage(): Language {
  const { language: chosen } = preferences.get();
  if (chosen !== 'auto') return chosen;
  return wx.getAppBaseInfo().language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export function setLanguage(choice: Language | 'auto'): void {
  preferences.set({ ...preferences.get(), language: choice });
}

/** Calls the listener after each change of the language. Returns the function that unsubscribes it. */
export function onLanguageChange(listener: () => void): () => void {
  let language = currentLanguage();
  return preferences.subscribe(() => {
    if (currentLanguage() === language) return;
    language = currentLanguage();
    listener();
  });
}

/** All texts of an area in the current language. */
export function textsOf(area: TextArea): Readonly<Record<string, string>> {
  return TEXTS[currentLanguage()][area];
}

/** One text in the current language; `{name}` is replaced by `params.name`. */
export function t(key: TextKey, params: TextParams = {}): string {
  const [area, name] = key.split('.') as [TextArea, string];
  return interpolate(textsOf(area)[name] ?? key, params);
}

/** The text in the current language. */
export function localized(text: LocalizedText): string {
  return text[currentLanguage()];
}

/** Fills the placeholders of `text`; those without a value stay as they are. */
export function interpolate(text: string, params: TextParams): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => String(params[name] ?? placeholder));
}
