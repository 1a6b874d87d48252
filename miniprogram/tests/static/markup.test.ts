/** Checks templates and style sheets with WeChat's compilers and with the compiler of its component framework. */

import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';

import { TmplGroup, type TemplateProblem } from 'glass-easel-template-compiler';

import { filesEndingIn, read, ROOT, SRC, withImportedCode, withImportedSheets, withImports } from './source';

const templates = filesEndingIn('.wxml');
const scripts = filesEndingIn('.wxs');
const sheets = filesEndingIn('.wxss');

/** The errors of one of WeChat's compilers; empty if there are none. */
function compilerErrors(compiler: 'wcc' | 'wcsc', files: string[]): string {
  const folder = process.platform === 'darwin' ? 'mac' : 'linux';
  const path = join(ROOT, 'node_modules/miniprogram-compiler/bin', folder, compiler);
  chmodSync(path, 0o755); // npm unpacks it without the execute permission
  const { status, stderr, error } = spawnSync(path, files, { cwd: SRC, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (error) throw error;
  return status === 0 ? '' : stderr.trim() || `exit status ${status}`;
}

test("WeChat's compiler accepts every template", () => {
  expect(templates.length).toBeGreaterThan(0);
  expect(compilerErrors('wcc', [...templates, ...scripts])).toBe('');
});

test.each(sheets)("WeChat's compiler accepts the style sheet %s", (sheet) => {
  expect(compilerErrors('wcsc', withImportedSheets(sheet))).toBe('');
});

test("WeChat's compiler rejects a template with an unclosed tag", () => {
  expect(compilerErrors('wcc', ['../tests/static/broken/unclosed.wxml'])).toMatch(/unclosed\.wxml:\d+:\d+/);
});

test.each(templates)('the component framework accepts the template %s', (template) => {
  const problems = new TmplGroup().addTmpl(template, read(template)) as TemplateProblem[];

  expect(problems.map(({ startLine, message }) => `${template}:${startLine + 1}: ${message}`)).toEqual([]);
});

test('every event handler in a template is defined in the code', () => {
  const missing = filesEndingIn('.json').map((file) => file.replace(/\.json$/, '')).filter((part) => templates.includes(`${part}.wxml`)).flatMap((part) => {
    const code = withImportedCode(`${part}.ts`).map(read).join('\n');
    const markup = withImports(`${part}.wxml`).map(read).join('\n');
    const names = [...markup.matchAll(/\b(?:bind|catch|mut-bind|capture-bind|capture-catch):?[a-z]+="(\w+)"/g)].map(([, name]) => name ?? '');
    return names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code)).map((name) => `${part}: ${name}`);
  });

  expect(missing).toEqual([]);
});

test('every element with a tap handler has an ARIA role', () => {
  const unlabelled = templates.flatMap((template) =>
    [...read(template).matchAll(/<(view|image|text)\b(?:[^>"]|"[^"]*")*?\b(?:bind|catch):?tap=(?:[^>"]|"[^"]*")*>/g)]
      .map(([tag]) => tag)
      .filter((tag) => !/aria-role=/.test(tag) && !/aria-hidden=/.test(tag) && !/(?:bind|catch):?tap="(?:|nothing|noop|hold)"/.test(tag))
      .map((tag) => `${template}: ${tag.replace(/\s+/g, ' ').slice(0, 120)}`),
  );

  expect(unlabelled).toEqual([]);
});
