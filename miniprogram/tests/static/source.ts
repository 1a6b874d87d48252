/** The files of the mini program as the static tests read them. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const ROOT = join(__dirname, '../..');
export const SRC = join(ROOT, 'src');

/** Paths relative to `src/` of all files that end so; '' gives every file. */
export function filesEndingIn(...endings: string[]): string[] {
  return readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(SRC, join(entry.parentPath, entry.name)))
    .sort();
}

export const read = (path: string): string => readFileSync(join(SRC, path), 'utf8');

export const readJson = <T>(path: string): T => JSON.parse(read(path)) as T;

/** What stands in `src/app.json`, as far as the tests ask. */
export interface App {
  pages: string[];
  subPackages?: { root: string; pages: string[] }[];
  tabBar: { list: { pagePath: string; text: string; iconPath: string; selectedIconPath: string }[] };
}

/** The paths of all pages, those of sub-packages included. */
export function pagesOf(app: App): string[] {
  const inPackages = (app.subPackages ?? []).flatMap(({ root, pages }) => pages.map((page) => join(root, page)));
  return [...app.pages, ...inPackages].sort();
}

/** Each line of each such file that matches, as `file:line: text`. */
export function linesMatching(files: string[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}
