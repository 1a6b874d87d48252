/** Reads app.json, theme.json and the JSON beside every page and component: what the mini program is made of. */

import fs from 'node:fs';
import path from 'node:path';
import { lineOf } from './problems.mjs';

/**
 * @typedef {object} Part a page or a component
 * @property {string} path from the source folder, without ending: `pages/create/create`
 * @property {boolean} isPage
 * @property {string} scope the prefix of its classes; '' for a page
 * @property {Record<string, any>} config its JSON, with `usingComponents` as absolute paths
 */

/**
 * @param {string} source the folder of app.json
 * @param {import('./problems.mjs').Problems} problems
 */
export function readConfig(source, problems) {
  const app = readJson(path.join(source, 'app.json'), problems) ?? {};
  const theme = app.themeLocation ? (readJson(path.join(source, app.themeLocation), problems) ?? {}) : {};
  const pages = [...(app.pages ?? [])];
  for (const { root, pages: own } of app.subPackages ?? app.subpackages ?? []) {
    pages.push(...own.map((page) => path.posix.join(root, page)));
  }
  if (pages.length === 0) problems.add(path.join(source, 'app.json'), 1, 'no pages');

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
    for (const ending of ['.ts', '.wxml']) {
      const file = path.join(source, name + ending);
      if (!fs.existsSync(file)) problems.add(file, 1, `is missing (${isPage ? 'a page of app.json' : 'a component in use'})`);
    }
    config.usingComponents = {
      ...absolute(app.usingComponents, 'app', path.join(source, 'app.json')),
      ...absolute(config.usingComponents, name, jsonFile),
    };
    for (const used of Object.values(config.usingComponents)) addPart(used.slice(1), false);
  }

  function absolute(components = {}, owner, file) {
    const found = {};
    for (const [tag, target] of Object.entries(components)) {
      const name = target.startsWith('/') ? target.slice(1) : path.posix.join(path.posix.dirname(owner), target);
      if (fs.existsSync(path.join(source, `${name}.wxml`))) found[tag] = `/${name}`;
      else problems.add(file, lineOf(fs.readFileSync(file, 'utf8'), `"${tag}"`), `component "${target}" (${tag}) is not found`);
    }
    return found;
  }
}

function readJson(file, problems) {
  if (!fs.existsSync(file)) {
    problems.add(file, 1, 'is missing');
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
