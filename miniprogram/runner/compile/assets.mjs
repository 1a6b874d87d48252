/** Copies the images of the mini program to the same paths in the output folder. */

import fs from 'node:fs';
import path from 'node:path';

const IMAGE = /\.(png|jpe?g|webp|gif|svg)$/i;

/**
 * @param {string} source
 * @param {string} out
 */
export function copyImages(source, out) {
  for (const entry of fs.readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !IMAGE.test(entry.name)) continue;
    const from = path.join(entry.parentPath, entry.name);
    const to = path.join(out, path.relative(source, from));
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.copyFileSync(from, to);
  }
}
