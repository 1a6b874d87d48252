/** Reads app.json, theme.json and the JSON files of all pages and components. */

import fs from 'node:fs';
import path from 'node:path';
import { lineOf } from './problems.mjs';

/**
 * @typedef {object} Part a page or a component
 * @property {string} path relative to the source folder, without extension: `pages/create/create`
 * @property {boolean} isPage
 * @property {string} scope the prefix of its class names; empty for a page
 * @property {Record<string, any>} config its JSON file, with absolute paths in `usingComponents`
 */

/**
 * @param {string} source the folder of app.json
 * @param {import('./problems.mjs').Problems} problems
 */
export function readConfig(source, problems) {
  const app = readJson(path.join(source, 'app.json'), problems) ?? {};
  const theme = app.themeLocation ? (readJson(path.join(source, app.themeLocation), problems) ?? {}) : {};
  const pages = [...(app.pages ?? [])];
  for (const { root, pages: packagePages } of app.subPackages ?? app.subpackages ?? []) {
    pages.push(...packagePages.map((page) => path.posix.join(root, page)));
  }
  if (pages.length === 0) problems.add(path.join(source, 'app.json'), 1, 'pages is empty');

  /** @type {Map<string, Part>} */
  const parts = new Map();
  for (const page of pages) addPart(page, true);
  return { app, theme, pages, parts: [...parts.values()] };

  function addPart(name, isPage) {
    if (parts.has(name)) return;
    const jsonFile = path.join(source, `${name}.json`);
    const config = fs.existsSync(jsonFile) ? (readJson(jsonFile, problems) ?? {}) : {};
    const part = { path: name, isPage, scope: isPage ? '' : name.replace(/[^\w-]+/g, '-'), config };
    parts.set(name, part);
    for (const extension of ['.ts', '.wxml']) {
      const file = path.join(source, name + extension);
      if (!fs.existsSync(file)) problems.add(file, 1, `file is missing (${isPage ? 'a page in app.json' : 'a component in usingComponents'})`);
    }
    config.usingComponents = {
      ...resolveComponents(app.usingComponents, 'app', path.join(source, 'app.json')),
      ...resolveComponents(config.usingComponents, name, jsonFile),
    };
    for (const componentPath of Object.values(config.usingComponents)) addPart(componentPath.slice(1), false);
  }

  function resolveComponents(components = {}, owner, file) {
    const resolved = {};
    for (const [tag, target] of Object.entries(components)) {
      const name = target.startsWith('/') ? target.slice(1) : path.posix.join(path.posix.dirname(owner), target);
      if (fs.existsSync(path.join(source, `${name}.wxml`))) resolved[tag] = `/${name}`;
      else problems.add(file, lineOf(fs.readFileSync(file, 'utf8'), `"${tag}"`), `component "${target}" (${tag}) not found`);
    }
    return resolved;
  }
}

function readJson(file, problems) {
  if (!fs.existsSync(file)) {
    problems.add(file, 1, 'file is missing');
    return null;
  }
  const text = fs.readFileSync(file, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = Number(/position (\d+)/.exec(error.message)?.[1] ?? 0);
    problems.add(file, text.slice(0, position).split('\n').length, error.message);
    return null;
  }
}
