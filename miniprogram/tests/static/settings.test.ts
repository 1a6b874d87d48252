/** app.json and its like: WeChat's own schemas, and that what they name is there. */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { schemaValidate } from 'miniprogram-ci/dist/modules/corecompiler/original/validate/schemaValidate';

import { type App, filesEndingIn, pagesOf, read, readJson, SRC, withImports } from './source';

const MOST_BYTES = 1.2 * 1024 * 1024;

const app = readJson<App>('app.json');

const isThere = (path: string): boolean => existsSync(join(SRC, path));

/** `page` for pages and components; app, sitemap and theme have their own. */
const kindOf = (file: string) => (['app.json', 'sitemap.json', 'theme.json'].includes(file) ? file.replace('.json', '') : 'page');

test.each(filesEndingIn('.json').filter((file) => file !== 'theme.json'))("WeChat's schema takes %s", (file) => {
  const { error, warning } = schemaValidate(kindOf(file), readJson(file));

  // documented since 2.19.0 of the base library, and unknown to the schema of this version
  expect({ error, warning: warning.replace('app.json ["supportedMaterials"]', '') }).toEqual({ error: [], warning: '' });
});

test("WeChat's schema would refuse a text style that does not exist", () => {
  const { error } = schemaValidate('app', { pages: ['a'], window: { navigationBarTextStyle: 'red' } });

  expect(error).toHaveLength(1);
});

const withoutEnding = (file: string): string => file.replace(/\.\w+$/, '');

/** Settings beside a template make it a page or a component. */
const parts = filesEndingIn('.wxml').map(withoutEnding).filter((part) => isThere(`${part}.json`));

test('every page that app.json names is there, and no other', () => {
  expect(parts.filter((part) => !part.startsWith('components/'))).toEqual(pagesOf(app));
});

test.each(parts)('%s has its code', (part) => {
  expect(isThere(`${part}.ts`)).toBe(true);
});

test('a template that is neither page nor component is taken in by one', () => {
  const takenIn = filesEndingIn('.wxml').flatMap((file) =>
    [...read(file).matchAll(/<(?:import|include) src="([^"]+)"/g)].map(([, path]) => join(file, '..', path ?? '')),
  );
  const others = filesEndingIn('.wxml').filter((file) => !parts.includes(withoutEnding(file)));

  expect(others.filter((file) => !takenIn.includes(file))).toEqual([]);
});

test('every component that is named is there', () => {
  const missing = filesEndingIn('.json').flatMap((file) => {
    const named = Object.values(readJson<{ usingComponents?: Record<string, string> }>(file).usingComponents ?? {});
    return named.filter((path) => !isThere(path.startsWith('/') ? `${path}.wxml` : `${join(file, '..', path)}.wxml`));
  });

  expect(missing).toEqual([]);
});

test('every component that is named is also used', () => {
  const idle = filesEndingIn('.json').flatMap((file) => {
    const named = Object.keys(readJson<{ usingComponents?: Record<string, string> }>(file).usingComponents ?? {});
    const template = file.replace(/\.json$/, '.wxml');
    const markup = isThere(template) ? withImports(template).map(read).join('\n') : '';
    return named.filter((tag) => !new RegExp(`<${tag}\\b`).test(markup)).map((tag) => `${file}: ${tag}`);
  });

  expect(idle).toEqual([]);
});

test('theme.json gives each name for light and for dark', () => {
  const theme = readJson<Record<'light' | 'dark', Record<string, string>>>('theme.json');
  const used = [...JSON.stringify(app).matchAll(/"@(\w+)"/g)].map(([, name]) => name);

  expect(Object.keys(theme.light).sort()).toEqual(Object.keys(theme.dark).sort());
  expect(Object.keys(theme.light).sort()).toEqual([...new Set(used)].sort());
});

test('every icon of the tab bar is there, for light and for dark', () => {
  const theme = readJson<Record<'light' | 'dark', Record<string, string>>>('theme.json');
  const named = app.tabBar.list.flatMap(({ iconPath, selectedIconPath }) => [iconPath, selectedIconPath]);
  const paths = named.flatMap((path) =>
    path.startsWith('@') ? [theme.light[path.slice(1)] ?? path, theme.dark[path.slice(1)] ?? path] : [path],
  );

  expect(paths.filter((path) => !isThere(path))).toEqual([]);
});

test('every picture that a template names is there', () => {
  const missing = filesEndingIn('.wxml').flatMap((file) =>
    [...read(file).matchAll(/\bsrc="([^"{]+)"/g)]
      .map(([, path]) => path ?? '')
      .filter((path) => !isThere(path.startsWith('/') ? path : join(file, '..', path))),
  );

  expect(missing).toEqual([]);
});

test('what ships is smaller than 1.2 MB', () => {
  const bytes = filesEndingIn('').map((file) => statSync(join(SRC, file)).size);

  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_BYTES);
});
