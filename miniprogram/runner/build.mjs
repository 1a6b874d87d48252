/**
 * Builds the real mini program of ../src into a static folder that any browser can open.
 *
 *   node runner/build.mjs [--src DIR] [--out DIR]
 */

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { copyPictures } from './compile/assets.mjs';
import { readConfig } from './compile/config.mjs';
import { BuildFailed, Problems } from './compile/problems.mjs';
import { bundleMiniProgram, bundleRunner } from './compile/scripts.mjs';
import { compileStyles } from './compile/styles.mjs';
import { compileTemplates } from './compile/templates.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const OWN_FILES = ['index.html', 'runner.css', 'built-ins.css', 'favicon.svg'];

/** A built-in tag is a file in builtins/ that is called like it. */
function namesOfBuiltIns() {
  const files = fs.readdirSync(path.join(HERE, 'builtins'));
  return new Set(files.map((file) => file.replace(/\.ts$/, '')).filter((name) => name !== 'index'));
}

async function build(source, out) {
  const problems = new Problems(process.cwd());
  const builtIns = namesOfBuiltIns();
  const config = readConfig(source, problems);
  const templates = compileTemplates(source, config.parts, builtIns, problems);
  const styles = compileStyles(source, config.parts, builtIns, problems);
  problems.throwIfAny();

  fs.rmSync(out, { recursive: true, force: true });
  fs.mkdirSync(out, { recursive: true });
  fs.writeFileSync(path.join(out, 'app.css'), styles);
  for (const file of OWN_FILES) fs.copyFileSync(path.join(HERE, file), path.join(out, file));
  copyPictures(source, out);
  await Promise.all([bundleMiniProgram({ source, out, config, templates }), bundleRunner(out)]);
  return config.parts.length;
}

const { values } = parseArgs({ options: { src: { type: 'string' }, out: { type: 'string' } } });
const source = path.resolve(values.src ?? path.join(HERE, '../src'));
const out = path.resolve(values.out ?? path.join(HERE, 'dist'));
const started = Date.now();
try {
  const count = await build(source, out);
  console.log(`built ${count} pages and components into ${path.relative(process.cwd(), out) || '.'} in ${Date.now() - started} ms`);
} catch (error) {
  if (!(error instanceof BuildFailed)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
