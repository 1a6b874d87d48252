/** Checks the JSON files with WeChat's schemas, and that the files they name exist. */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { schemaValidate } from 'miniprogram-ci/dist/modules/corecompiler/original/validate/schemaValidate';

import { type App, filesEndingIn, pagesOf, read, readJson, SRC, withImports } from './source';

const MAX_BYTES = 1.2 * 1024 * 1024;

const app = readJson<App>('app.json');

const exists = (path: string): boolean => existsSync(join(SRC, path));

/** The schema of a file: `page` for pages and components; app, sitemap and theme have their own. */
const schemaOf = (file: string) => (['app.json', 'sitemap.json', 'theme.json'].includes(file) ? file.replace('.json', '') : 'page');

test.each(filesEndingIn('.json').filter((file) => file !== 'theme.json'))("WeChat's schema accepts %s", (file) => {
  const { error, warning } = schemaValidate(schemaOf(file), readJson(file));

  // This setting is documented since base library 2.19.0, but the installed schema does not know it.
  expect({ error, warning: warning.replace('app.json ["supportedMaterials"]', '') }).toEqual({ error: [], warning: '' });
});

test("WeChat's schema rejects an unknown text style", () => {
  const { error } = schemaValidate('app', { pages: ['a'], window: { navigationBarTextStyle: 'red' } });

  expect(error).toHaveLength(1);
});

const withoutExtension = (file: string): string => file.replace(/\.\w+$/, '');

/** A template with a JSON file is a page or a component. */
const parts = filesEndingIn('.wxml').map(withoutExtension).filter((part) => exists(`${part}.json`));

test('app.json lists exactly the pages that exist', () => {
  expect(parts.filter((part) => !part.startsWith('components/'))).toEqual(pagesOf(app));
});

test.each(parts)('%s has a script', (part) => {
  expect(exists(`${part}.ts`)).toBe(true);
});

test('every other template is included by a page or component', () => {
  const included = filesEndingIn('.wxml').flatMap((file) =>
    [...read(file).matchAll(/<(?:import|include) src="([^"]+)"/g)].map(([, path]) => join(file, '..', path ?? '')),
  );
  const others = filesEndingIn('.wxml').filter((file) => !parts.includes(withoutExtension(file)));

  expect(others.filter((file) => !included.includes(file))).toEqual([]);
});

test('every component in usingComponents exists', () => {
  const missing = filesEndingIn('.json').flatMap((file) => {
    const named = Object.values(readJson<{ usingComponents?: Record<string, string> }>(file).usingComponents ?? {});
    return named.filter((path) => !exists(path.startsWith('/') ? `${path}.wxml` : `${join(file, '..', path)}.wxml`));
  });

  expect(missing).toEqual([]);
});

test('every component in usingComponents is used in the template', () => {
  const unused = filesEndingIn('.json').flatMap((file) => {
    const named = Object.keys(readJson<{ usingComponents?: Record<string, string> }>(file).usingComponents ?? {});
    const template = file.replace(/\.json$/, '.wxml');
    const markup = exists(template) ? withImports(template).map(read).join('\n') : '';
    return named.filter((tag) => !new RegExp(`<${tag}\\b`).test(markup)).map((tag) => `${file}: ${tag}`);
  });

  expect(unused).toEqual([]);
});

test('theme.json defines the same variables for light and dark, and app.json uses all of them', () => {
  const theme = readJson<Record<'light' | 'dark', Record<string, string>>>('theme.json');
  const used = [...JSON.stringify(app).matchAll(/"@(\w+)"/g)].map(([, name]) => name);

  expect(Object.keys(theme.light).sort()).toEqual(Object.keys(theme.dark).sort());
  expect(Object.keys(theme.light).sort()).toEqual([...new Set(used)].sort());
});

test('every tab bar icon exists for light and dark', () => {
  const theme = readJson<Record<'light' | 'dark', Record<string, string>>>('theme.json');
  const named = app.tabBar.list.flatMap(({ iconPath, selectedIconPath }) => [iconPath, selectedIconPath]);
  const paths = named.flatMap((path) =>
    path.startsWith('@') ? [theme.light[path.slice(1)] ?? path, theme.dark[path.slice(1)] ?? path] : [path],
  );

  expect(paths.filter((path) => !exists(path))).toEqual([]);
});

test('every image in a template exists', () => {
  const missing = filesEndingIn('.wxml').flatMap((file) =>
    [...read(file).matchAll(/\bsrc="([^"{]+)"/g)]
      .map(([, path]) => path ?? '')
      .filter((path) => !exists(path.startsWith('/') ? path : join(file, '..', path))),
  );

  expect(missing).toEqual([]);
});

test('the mini program is smaller than 1.2 MB', () => {
  const bytes = filesEndingIn('').map((file) => statSync(join(SRC, file)).size);

  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_BYTES);
});
