/**
 * Builds the mini program in ../src into a folder of static files for a browser.
 *
 *   node runner/build.mjs [--src DIR] [--out DIR]
 */

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { copyImages } from './compile/assets.mjs';
import { readConfig } from './compile/config.mjs';
import { BuildFailed, Problems } from './compile/problems.mjs';
import { bundleMiniProgram, bundleRunner } from './compile/scripts.mjs';
import { compileStyles } from './compile/styles.mjs';
import { compileTemplates } from './compile/templates.mjs';

const RUNNER = path.dirname(fileURLToPath(import.meta.url));
const STATIC_FILES = ['index.html', 'runner.css', 'built-ins.css', 'favicon.svg'];

/** The tags with a file in builtins/. The file name is the tag name. */
function builtInTags() {
  const files = fs.readdirSync(path.join(RUNNER, 'builtins'));
  return new Set(files.map((file) => file.replace(/\.ts$/, '')).filter((name) => name !== 'index'));
}

/** Returns the number of pages and components. Throws `BuildFailed` if the source has problems. */
async function build(source, out) {
  const problems = new Problems(process.cwd());
  const builtIns = builtInTags();
  const config = readConfig(source, problems);
  const templates = compileTemplates(source, config.parts, builtIns, problems);
  const styles = compileStyles(source, config.parts, builtIns, problems);
  problems.throwIfAny();

  fs.rmSync(out, { recursive: true, force: true });
  fs.mkdirSync(out, { recursive: true });
  fs.writeFileSync(path.join(out, 'app.css'), styles);
  for (const file of STATIC_FILES) fs.copyFileSync(path.join(RUNNER, file), path.join(out, file));
  copyImages(source, out);
  await Promise.all([bundleMiniProgram({ source, out, config, templates }), bundleRunner(out)]);
  return config.parts.length;
}

const { values } = parseArgs({ options: { src: { type: 'string' }, out: { type: 'string' } } });
const source = path.resolve(values.src ?? path.join(RUNNER, '../src'));
const out = path.resolve(values.out ?? path.join(RUNNER, 'dist'));
const started = Date.now();
try {
  const count = await build(source, out);
  console.log(`built ${count} pages and components into ${path.relative(process.cwd(), out) || '.'} in ${Date.now() - started} ms`);
} catch (error) {
  if (!(error instanceof BuildFailed)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
