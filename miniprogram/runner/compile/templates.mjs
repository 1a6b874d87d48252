/** Compiles all WXML and WXS files with the template compiler of glass-easel to one JavaScript expression. */

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { lineOf } from './problems.mjs';
import { COMPILER_TAGS, findTags, prefixBuiltIns } from './tags.mjs';

const { TmplGroup } = createRequire(import.meta.url)('glass-easel-template-compiler');

// WXS has these functions instead of `new RegExp` and `new Date`.
const WXS_GLOBALS =
  'var getRegExp=function(source,flags){return new RegExp(source,flags)};' +
  'var getDate=function(){return new(Function.prototype.bind.apply(Date,[null].concat([].slice.call(arguments))))()};';

/**
 * @param {string} source
 * @param {import('./config.mjs').Part[]} parts
 * @param {Set<string>} builtIns
 * @param {import('./problems.mjs').Problems} problems
 * @returns {string} an expression whose value maps paths to compiled templates
 */
export function compileTemplates(source, parts, builtIns, problems) {
  const group = new TmplGroup();
  group.setExtraRuntimeScript(WXS_GLOBALS);
  const compiled = new Set();
  const scripts = new Set();
  for (const part of parts) addTemplate(part.path, new Set(Object.keys(part.config.usingComponents)));
  return group.getTmplGenObjectGroups();

  function addTemplate(name, components) {
    if (compiled.has(name)) return;
    compiled.add(name);
    const file = path.join(source, `${name}.wxml`);
    if (!fs.existsSync(file)) return;
    const text = fs.readFileSync(file, 'utf8');
    const tags = findTags(text);
    for (const { name: tag, isClosing, line } of tags) {
      if (isClosing || builtIns.has(tag) || components.has(tag) || COMPILER_TAGS.includes(tag)) continue;
      problems.add(file, line, `<${tag}> is neither a built-in tag of the runner nor in usingComponents`);
    }
    for (const { startLine, message } of group.addTmpl(name, prefixBuiltIns(text, tags, builtIns))) {
      problems.add(file, startLine + 1, message);
    }
    for (const dependency of group.getDirectDependencies(name)) {
      addDependency(dependency, '.wxml', file, text, (template) => addTemplate(template, components));
    }
    for (const dependency of group.getScriptDependencies(name)) {
      addDependency(dependency, '.wxs', file, text, addScript);
    }
  }

  function addScript(name) {
    if (scripts.has(name)) return;
    scripts.add(name);
    const file = path.join(source, `${name}.wxs`);
    const text = fs.readFileSync(file, 'utf8');
    // Templates refer to a script without its extension, `require` in WXS with it.
    group.addScript(name, text);
    group.addScript(`${name}.wxs`, text);
    for (const [, required] of text.matchAll(/require\(\s*['"](.+?)['"]\s*\)/g)) {
      addDependency(path.posix.join(path.posix.dirname(name), required), '.wxs', file, text, addScript);
    }
  }

  function addDependency(dependency, extension, file, text, add) {
    const name = dependency.replace(/^\//, '').replace(new RegExp(`\\${extension}$`), '');
    if (fs.existsSync(path.join(source, name + extension))) add(name);
    else problems.add(file, lineOf(text, path.posix.basename(name)), `${name}${extension} not found`);
  }
}
