/** Finds the tags of a WXML text with their lines, which the template compiler does not tell. */

/** Tags that the template compiler itself knows. */
export const TAGS_OF_THE_COMPILER = ['block', 'template', 'import', 'include', 'slot', 'wxs'];

// A comment, a <wxs> with its body and an expression are skipped whole; of a tag the name is kept.
const ATTRIBUTES = `(?:"[^"]*"|'[^']*'|[^"'>])*`;
const PIECES = new RegExp(
  `<!--[\\s\\S]*?-->|<wxs\\b(?:"[^"]*"|'[^']*'|[^"'>/])*>[\\s\\S]*?</wxs>|\\{\\{[\\s\\S]*?\\}\\}|<(/?)([a-zA-Z][\\w-]*)${ATTRIBUTES}>`,
  'g',
);

/**
 * @param {string} text
 * @returns {{ name: string, closing: boolean, start: number, line: number }[]} `start` is where the name begins
 */
export function tagsIn(text) {
  const tags = [];
  let line = 1;
  let seen = 0;
  for (const piece of text.matchAll(PIECES)) {
    const [, slash, name] = piece;
    if (name === undefined) continue;
    for (; seen < piece.index; seen += 1) if (text[seen] === '\n') line += 1;
    tags.push({ name, closing: slash === '/', start: piece.index + 1 + slash.length, line });
  }
  return tags;
}

/** `<view>` becomes `<wx-view>`, for a browser has elements of its own called button, input and the like. */
export function withPrefix(text, tags, builtIns) {
  let result = '';
  let done = 0;
  for (const { name, start } of tags) {
    if (!builtIns.has(name)) continue;
    result += `${text.slice(done, start)}wx-`;
    done = start;
  }
  return result + text.slice(done);
}
