/** What is wrong with the source, gathered so that one build names every place, as `file:line: what`. */

import path from 'node:path';

export class Problems {
  #root;
  #found = [];

  /** @param {string} root the folder against which the file names are shown */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {string} file absolute
   * @param {number} line from 1
   * @param {string} message
   */
  add(file, line, message) {
    this.#found.push(`${path.relative(this.#root, file)}:${line}: ${message}`);
  }

  /** Ends the build if anything was found. */
  throwIfAny() {
    if (this.#found.length > 0) throw new BuildFailed([...new Set(this.#found)]);
  }
}

export class BuildFailed extends Error {
  /** @param {string[]} lines */
  constructor(lines) {
    super(lines.join('\n'));
  }
}

/** The line, from 1, on which `needle` first stands; 1 if it stands nowhere. */
export function lineOf(text, needle) {
  const index = text.indexOf(needle);
  return index < 0 ? 1 : text.slice(0, index).split('\n').length;
}
