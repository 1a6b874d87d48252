/** The files of the mini program as the static tests read them. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

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

/** A template with all that it takes in, and that takes in, by `<import>` and `<include>`. */
export function withImports(template: string): string[] {
  return closure(template, /<(?:import|include) src="([^"]+)"/g);
}

/** A style sheet with all that it imports, the imported ones first. */
export function withImportedSheets(sheet: string): string[] {
  return closure(sheet, /@import\s+['"]([^'"]+)['"]/g).reverse();
}

/** A page's or component's code with the modules it imports: its behaviours are among them. */
export function withImportedCode(code: string): string[] {
  return closure(code, /from '(\.[^']+)'/g, (path) => `${path}.ts`);
}

function closure(first: string, reference: RegExp, fileOf = (path: string) => path): string[] {
  const found = [first];
  for (const file of found) {
    for (const [, path] of read(file).matchAll(reference)) {
      const other = join(dirname(file), fileOf(path ?? ''));
      if (!found.includes(other) && existsSync(join(SRC, other))) found.push(other);
    }
  }
  return found;
}
