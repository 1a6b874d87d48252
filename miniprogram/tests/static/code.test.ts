/** What the compiler and the linter say, and the walls between the parts of the program. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { filesEndingIn, linesMatching, read, ROOT, SRC } from './source';

const SLOW_MS = 180_000;

/** What a tool of this project prints; '' where it has nothing to say. */
function saidBy(tool: string, ...options: string[]): string {
  const { stdout, stderr } = spawnSync(join(ROOT, 'node_modules/.bin', tool), options, { cwd: ROOT, encoding: 'utf8' });
  return `${stdout}${stderr}`.trim();
}

test('the mini program passes the strict type checker without DOM and Node', () => {
  expect(saidBy('tsc')).toBe('');
}, SLOW_MS);

test.each(['tests', 'runner'])('the code in %s passes the strict type checker', (folder) => {
  expect(saidBy('tsc', '-p', folder)).toBe('');
}, SLOW_MS);

test('the linter has nothing to say', () => {
  expect(saidBy('eslint', '.')).toBe('');
}, SLOW_MS);

test('the types of the API are those of its present description', () => {
  const fresh = join(mkdtempSync(join(tmpdir(), 'types-')), 'api-types.d.ts');

  saidBy('openapi-typescript', '../tests/contracts/openapi.json', '-o', fresh);

  expect(existsSync(fresh)).toBe(true);
  expect(readFileSync(join(SRC, 'services/api-types.d.ts'), 'utf8')).toBe(readFileSync(fresh, 'utf8'));
}, SLOW_MS);

const sources = filesEndingIn('.ts').filter((file) => !file.endsWith('.d.ts'));

test('only services/http.ts touches the network', () => {
  const others = sources.filter((file) => file !== 'services/http.ts');

  expect(linesMatching(others, /wx\s*\.\s*(request|uploadFile|downloadFile|connectSocket)\b/)).toEqual([]);
});

test('components get what they show from their page and never ask a service', () => {
  const components = sources.filter((file) => file.startsWith('components/'));

  expect(components.length).toBeGreaterThan(0);
  expect(linesMatching(components, /from ['"].*\/(services|jobs|store)\//)).toEqual([]);
});

test('what ships imports nothing but itself', () => {
  expect(linesMatching(sources, /^(?:import|export)\b.*\bfrom ['"](?!\.)|\b(?:require|import)\(/)).toEqual([]);
});

test('every API of WeChat that is called is one that the runner has', () => {
  const folder = join(ROOT, 'runner/wx');
  const runner = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const offered = [...runner.matchAll(/^export const \w+ = \{([\s\S]*?)\};$/gm)].map(([, body]) => body).join('\n') + ' canIUse';
  const called = [...sources.map(read).join('\n').matchAll(/\bwx\.(\w+)/g)].map(([, name]) => name ?? '');

  expect([...new Set(called)].filter((name) => !new RegExp(`\\b${name}\\b`).test(offered))).toEqual([]);
});
