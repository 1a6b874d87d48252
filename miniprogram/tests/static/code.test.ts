/** Type checks, lint, generated types, and the import rules of the mini program. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { filesEndingIn, linesMatching, read, ROOT, SRC } from './source';

const TIMEOUT_MS = 180_000;

/** Runs a tool from node_modules and returns its output; empty if it finds no problems. */
function outputOf(tool: string, ...options: string[]): string {
  const { stdout, stderr } = spawnSync(join(ROOT, 'node_modules/.bin', tool), options, { cwd: ROOT, encoding: 'utf8' });
  return `${stdout}${stderr}`.trim();
}

test('the mini program passes the strict type checker without DOM and Node', () => {
  expect(outputOf('tsc')).toBe('');
}, TIMEOUT_MS);

test.each(['tests', 'runner'])('the code in %s passes the strict type checker', (folder) => {
  expect(outputOf('tsc', '-p', folder)).toBe('');
}, TIMEOUT_MS);

test('the linter finds no problems', () => {
  expect(outputOf('eslint', '.')).toBe('');
}, TIMEOUT_MS);

test('the API types match the OpenAPI description', () => {
  const generated = join(mkdtempSync(join(tmpdir(), 'types-')), 'api-types.d.ts');

  outputOf('openapi-typescript', '../tests/contracts/openapi.json', '-o', generated);

  expect(existsSync(generated)).toBe(true);
  expect(readFileSync(join(SRC, 'services/api-types.d.ts'), 'utf8')).toBe(readFileSync(generated, 'utf8'));
}, TIMEOUT_MS);

const sources = filesEndingIn('.ts').filter((file) => !file.endsWith('.d.ts'));

test('only services/http.ts uses the network', () => {
  const others = sources.filter((file) => file !== 'services/http.ts');

  expect(linesMatching(others, /wx\s*\.\s*(request|uploadFile|downloadFile|connectSocket)\b/)).toEqual([]);
});

test('components do not import services, jobs or store', () => {
  const components = sources.filter((file) => file.startsWith('components/'));

  expect(components.length).toBeGreaterThan(0);
  expect(linesMatching(components, /from ['"].*\/(services|jobs|store)\//)).toEqual([]);
});

test('the mini program imports only its own modules', () => {
  expect(linesMatching(sources, /^(?:import|export)\b.*\bfrom ['"](?!\.)|\b(?:require|import)\(/)).toEqual([]);
});

test('every WeChat API that the mini program calls exists in the runner', () => {
  const folder = join(ROOT, 'runner/wx');
  const runnerCode = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const supported = [...runnerCode.matchAll(/^export const \w+ = \{([\s\S]*?)\};$/gm)].map(([, body]) => body).join('\n') + ' canIUse';
  const called = [...sources.map(read).join('\n').matchAll(/\bwx\.(\w+)/g)].map(([, name]) => name ?? '');

  expect([...new Set(called)].filter((name) => !new RegExp(`\\b${name}\\b`).test(supported))).toEqual([]);
});
