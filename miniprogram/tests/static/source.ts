/** Reads the source files of the mini program for the static tests. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const ROOT = join(__dirname, '../..');
export const SRC = join(ROOT, 'src');

/** The files with one of these endings, relative to `src/`. An empty ending matches every file. */
export function filesEndingIn(...endings: string[]): string[] {
  return readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(SRC, join(entry.parentPath, entry.name)))
    .sort();
}

export const read = (path: string): string => readFileSync(join(SRC, path), 'utf8');

export const readJson = <T>(path: string): T => JSON.parse(read(path)) as T;

/** The part of `src/app.json` that the tests use. */
export interface App {
  pages: string[];
  subPackages?: { root: string; pages: string[] }[];
  tabBar: { list: { pagePath: string; text: string; iconPath: string; selectedIconPath: string }[] };
}

/** The paths of all pages, including those of sub-packages. */
export function pagesOf(app: App): string[] {
  const subPackagePages = (app.subPackages ?? []).flatMap(({ root, pages }) => pages.map((page) => join(root, page)));
  return [...app.pages, ...subPackagePages].sort();
}

/** The lines that match the pattern, as `file:line: text`. */
export function linesMatching(files: string[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

/** A template and all templates that it imports or includes, directly or indirectly. */
export function withImports(template: string): string[] {
  return withDependencies(template, /<(?:import|include) src="([^"]+)"/g);
}

/** A style sheet and all style sheets that it imports, the imported ones first. */
export function withImportedSheets(sheet: string): string[] {
  return withDependencies(sheet, /@import\s+['"]([^'"]+)['"]/g).reverse();
}

/** The code of a page or component and all modules that it imports, which include its behaviors. */
export function withImportedCode(code: string): string[] {
  return withDependencies(code, /from '(\.[^']+)'/g, (path) => `${path}.ts`);
}

function withDependencies(first: string, reference: RegExp, fileOf = (path: string) => path): string[] {
  const found = [first];
  for (const file of found) {
    for (const [, path] of read(file).matchAll(reference)) {
      const other = join(dirname(file), fileOf(path ?? ''));
      if (!found.includes(other) && existsSync(join(SRC, other))) found.push(other);
    }
  }
  return found;
}
