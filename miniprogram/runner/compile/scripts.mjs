/** Bundles the scripts of the mini program, without browser globals, and the scripts of the runner. */

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { BuildFailed } from './problems.mjs';

const RUNNER = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

// WeChat has none of these globals, so they are undefined in the mini program here, too.
const BROWSER_GLOBALS = [
  'window', 'self', 'globalThis', 'document', 'navigator', 'location', 'history', 'screen', 'localStorage', 'sessionStorage',
  'indexedDB', 'caches', 'fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'FormData', 'Blob', 'File', 'FileReader', 'Image',
  'URL', 'URLSearchParams', 'Headers', 'Request', 'Response', 'AbortController', 'Event', 'CustomEvent', 'TextEncoder',
  'TextDecoder', 'Intl', 'crypto', 'performance', 'alert', 'confirm', 'prompt', 'atob', 'btoa', 'structuredClone',
  'queueMicrotask', 'requestAnimationFrame', 'process', 'Buffer', 'global',
];

/**
 * @param {object} options
 * @param {string} options.source
 * @param {string} options.out
 * @param {ReturnType<import('./config.mjs').readConfig>} options.config
 * @param {string} options.templates the result of `compileTemplates`
 */
export async function bundleMiniProgram({ source, out, config, templates }) {
  const parts = config.parts.map(
    (part) =>
      `${JSON.stringify(part.path)}: { isPage: ${part.isPage}, scope: ${JSON.stringify(part.scope)}, ` +
      `config: ${JSON.stringify(part.config)}, run: () => require(${JSON.stringify(`./${part.path}.ts`)}) }`,
  );
  const contents = `
    export const app = ${JSON.stringify(config.app)};
    export const theme = ${JSON.stringify(config.theme)};
    export const templates = ${templates};
    export const runApp = () => require('./app.ts');
    export const parts = { ${parts.join(',\n')} };`;
  await bundle({
    stdin: { contents, resolveDir: source, sourcefile: 'mini-program.js', loader: 'js' },
    outfile: path.join(out, 'app.js'),
    globalName: 'miniProgram',
    define: Object.fromEntries(BROWSER_GLOBALS.map((name) => [name, 'undefined'])),
  });
}

/** @param {string} out */
export async function bundleRunner(out) {
  await bundle({
    entryPoints: [path.join(RUNNER, 'start/boot.ts')],
    outfile: path.join(out, 'runner.js'),
    tsconfig: path.join(RUNNER, 'tsconfig.json'),
    minifySyntax: true,
  });
}

async function bundle(options) {
  try {
    await esbuild.build({
      bundle: true,
      format: 'iife',
      platform: 'browser',
      target: 'es2020',
      charset: 'utf8',
      sourcemap: true,
      logLevel: 'silent',
      ...options,
    });
  } catch (error) {
    const lines = (error.errors ?? []).map(({ location, text }) => `${location?.file ?? '?'}:${location?.line ?? 1}: ${text}`);
    throw lines.length > 0 ? new BuildFailed(lines) : error;
  }
}
