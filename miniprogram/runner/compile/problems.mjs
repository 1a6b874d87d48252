/** Collects problems in the source as `file:line: message`, so that one build reports all of them. */

import path from 'node:path';

export class Problems {
  #root;
  #lines = [];

  /** @param {string} root reported file names are relative to this folder */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {string} file absolute path
   * @param {number} line starts at 1
   * @param {string} message
   */
  add(file, line, message) {
    this.#lines.push(`${path.relative(this.#root, file)}:${line}: ${message}`);
  }

  /** Throws `BuildFailed` if any problem was added. */
  throwIfAny() {
    if (this.#lines.length > 0) throw new BuildFailed([...new Set(this.#lines)]);
  }
}

export class BuildFailed extends Error {
  /** @param {string[]} lines */
  constructor(lines) {
    super(lines.join('\n'));
  }
}

/** The line, starting at 1, of the first occurrence of `needle`; 1 if there is none. */
export function lineOf(text, needle) {
  const index = text.indexOf(needle);
  return index < 0 ? 1 : text.slice(0, index).split('\n').length;
}
