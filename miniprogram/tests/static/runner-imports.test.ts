/** The import rules of the runner: no cycles, and each layer imports only itself and the layers below it. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative, sep } from 'node:path';

import ts from 'typescript';

import { ROOT } from './source';

const RUNNER = join(ROOT, 'runner');
/** From the bottom to the top. `compile` runs under Node and shares no code with the other folders. */
const LAYERS = ['state', 'platform', 'builtins', 'wx', 'start'];

const modules = readdirSync(RUNNER, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
  .map((entry) => relative(RUNNER, join(entry.parentPath, entry.name)))
  .filter((file) => !file.startsWith('dist'));

/** The modules of the runner that a module imports, type-only imports included. */
function importsOf(module: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(RUNNER, module), 'utf8'));
  return importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.')).map((name) => resolve(module, name));
}

function resolve(importer: string, name: string): string {
  const path = join(dirname(importer), name);
  const found = extname(path) === '.mjs' ? path : [`${path}.ts`, join(path, 'index.ts')].find((file) => modules.includes(file));
  if (found === undefined) throw new Error(`${importer}: ${name} not found`);
  return found;
}

const imports = new Map(modules.map((module) => [module, importsOf(module)]));

/** Returns the first import cycle that is reachable from a module, or an empty array. */
function cycleFrom(module: string, importers: string[] = [], finished = new Set<string>()): string[] {
  const start = importers.indexOf(module);
  if (start >= 0) return [...importers.slice(start), module];
  if (finished.has(module)) return [];
  for (const imported of imports.get(module) ?? []) {
    const cycle = cycleFrom(imported, [...importers, module], finished);
    if (cycle.length > 0) return cycle;
  }
  finished.add(module);
  return [];
}

const layerOf = (module: string): string => module.split(sep)[0] ?? '';

test('every module of the runner is in a known folder', () => {
  const folders = new Set(modules.filter((module) => module.includes(sep)).map(layerOf));

  expect([...folders].sort()).toEqual(['compile', ...LAYERS].sort());
});

test('the modules of the runner do not import each other in a cycle', () => {
  const finished = new Set<string>();

  expect(modules.map((module) => cycleFrom(module, [], finished)).filter((cycle) => cycle.length > 0)).toEqual([]);
});

test.each(LAYERS)('%s imports only itself and the layers below it', (layer) => {
  const allowed = LAYERS.slice(0, LAYERS.indexOf(layer) + 1);
  const forbidden = modules
    .filter((module) => layerOf(module) === layer)
    .flatMap((module) => (imports.get(module) ?? []).filter((imported) => !allowed.includes(layerOf(imported))).map((imported) => `${module} imports ${imported}`));

  expect(forbidden).toEqual([]);
});
