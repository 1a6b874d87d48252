/** Copies the pictures of the package, so that `/icons/create.png` is found where the mini program looks for it. */

import fs from 'node:fs';
import path from 'node:path';

const PICTURE = /\.(png|jpe?g|webp|gif|svg)$/i;

/**
 * @param {string} source
 * @param {string} out
 */
export function copyPictures(source, out) {
  for (const entry of fs.readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !PICTURE.test(entry.name)) continue;
    const from = path.join(entry.parentPath, entry.name);
    const to = path.join(out, path.relative(source, from));
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.copyFileSync(from, to);
  }
}
