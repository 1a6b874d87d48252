/** Finds the tags in WXML with their line numbers, which the template compiler does not report. */

/** Tags that the template compiler handles itself. */
export const COMPILER_TAGS = ['block', 'template', 'import', 'include', 'slot', 'wxs'];

// Matches comments, <wxs> elements with their content, and expressions, which are all skipped; and tags with their name.
const ATTRIBUTES = `(?:"[^"]*"|'[^']*'|[^"'>])*`;
const TOKENS = new RegExp(
  `<!--[\\s\\S]*?-->|<wxs\\b(?:"[^"]*"|'[^']*'|[^"'>/])*>[\\s\\S]*?</wxs>|\\{\\{[\\s\\S]*?\\}\\}|<(/?)([a-zA-Z][\\w-]*)${ATTRIBUTES}>`,
  'g',
);

/**
 * @param {string} text
 * @returns {{ name: string, isClosing: boolean, start: number, line: number }[]} `start` is the index of the name
 */
export function findTags(text) {
  const tags = [];
  let line = 1;
  let position = 0;
  for (const token of text.matchAll(TOKENS)) {
    const [, slash, name] = token;
    if (name === undefined) continue;
    for (; position < token.index; position += 1) if (text[position] === '\n') line += 1;
    tags.push({ name, isClosing: slash === '/', start: token.index + 1 + slash.length, line });
  }
  return tags;
}

/** Renames `<view>` to `<wx-view>`, because browsers have their own elements such as `<button>` and `<input>`. */
export function prefixBuiltIns(text, tags, builtIns) {
  let result = '';
  let copiedUntil = 0;
  for (const { name, start } of tags) {
    if (!builtIns.has(name)) continue;
    result += `${text.slice(copiedUntil, start)}wx-`;
    copiedUntil = start;
  }
  return result + text.slice(copiedUntil);
}
