/**
 * Converts all WXSS to one CSS style sheet: app.wxss, then the components, then the pages. The order makes the rule of
 * the page win over a rule of a component with the same specificity, as in WeChat.
 */

import fs from 'node:fs';
import path from 'node:path';
import postcss from 'postcss';

/**
 * @param {string} source
 * @param {import('./config.mjs').Part[]} parts
 * @param {Set<string>} builtIns
 * @param {import('./problems.mjs').Problems} problems
 */
export function compileStyles(source, parts, builtIns, problems) {
  const appSheet = path.join(source, 'app.wxss');
  const sheets = fs.existsSync(appSheet) ? [convertSheet(appSheet, { page: null, scope: '' })] : [];
  const orderedParts = [...parts.filter((part) => !part.isPage), ...parts.filter((part) => part.isPage)];
  for (const part of orderedParts) {
    const file = path.join(source, `${part.path}.wxss`);
    if (fs.existsSync(file)) sheets.push(convertSheet(file, { page: part.isPage ? part.path : null, scope: part.scope }));
  }
  return sheets.join('\n');

  function convertSheet(file, owner) {
    const root = readWithImports(file, new Set());
    root.walkRules((rule) => {
      if (isKeyframe(rule)) return;
      rule.selectors = rule.selectors.map((selector) => {
        const problem = selectorProblem(selector, owner);
        if (problem) report(rule, problem);
        return convertSelector(selector, owner);
      });
    });
    root.walkDecls((declaration) => {
      if (/url\((?!\s*['"]?(?:data:|https:))/.test(declaration.value)) {
        report(declaration, 'WXSS cannot load an image file from the package; use <image> or a data: URL');
      }
      declaration.value = convertValue(declaration.value);
    });
    root.walkAtRules('media', (rule) => {
      if (!/width|height|orientation|aspect-ratio/.test(rule.params)) return;
      if (/prefers-/.test(rule.params)) report(rule, 'put the size query and the preference query in two nested @media rules');
      // The screen of the simulated device may be smaller than the window, so a container query replaces the media query.
      rule.name = 'container';
      rule.params = `screen ${rule.params.replace(/^\s*(only\s+)?(screen|all)\s+and\s+/, '')}`;
    });
    return root.toString();
  }

  function readWithImports(file, importers) {
    const text = fs.readFileSync(file, 'utf8');
    let root;
    try {
      root = postcss.parse(text, { from: file });
    } catch (error) {
      problems.add(file, error.line ?? 1, error.reason ?? error.message);
      return postcss.root();
    }
    root.walkAtRules('import', (rule) => {
      const importPath = rule.params.replace(/^(url\()?['"]?|['"]?\)?$/g, '');
      const target = importPath.startsWith('/') ? path.join(source, importPath) : path.join(path.dirname(file), importPath);
      if (!fs.existsSync(target)) problems.add(file, rule.source.start.line, `@import: ${importPath} not found`);
      else if (importers.has(target)) problems.add(file, rule.source.start.line, `@import: ${importPath} imports itself`);
      else rule.before(readWithImports(target, new Set([...importers, file])).nodes);
      rule.remove();
    });
    return root;
  }

  function report(node, message) {
    problems.add(node.source.input.file, node.source.start.line, message);
  }

  /** The rules of WeChat: no ids, and only classes in a component. Returns null if the selector is valid. */
  function selectorProblem(selector, owner) {
    if (/#[a-zA-Z]/.test(selector)) return `"${selector}": use a class, not an id`;
    if (!owner.scope) return null;
    const withoutClasses = selector.replace(/\.[\w-]+|:host|::?[\w-]+(\([^)]*\))?/g, '');
    if (/[a-zA-Z]/.test(withoutClasses)) return `"${selector}": only class selectors are allowed in a component`;
    return null;
  }

  function convertSelector(selector, { page, scope }) {
    let result = selector;
    if (scope) result = result.replace(/\.(?=[a-zA-Z_-])/g, `.${scope}--`);
    // :where() adds no specificity, so a rule has the same specificity as in WeChat.
    result = result.replace(/:host(?![\w-])/g, `:where([wx-host="${scope}"])`);
    result = result.replace(/(^|[\s>+~(,])([a-z][a-z-]*)(?=$|[\s>+~.:,)[])/g, (whole, before, tag) =>
      tag === 'page' ? `${before}wx-page` : builtIns.has(tag) ? `${before}wx-${tag}` : whole,
    );
    if (page === null) return result;
    const pageScope = `:where(wx-page[page="${page}"])`;
    return /^wx-page(?![\w-])/.test(result) ? result.replace(/^wx-page/, `wx-page${pageScope}`) : `${pageScope} ${result}`;
  }
}

function isKeyframe(rule) {
  return rule.parent?.type === 'atrule' && /keyframes$/.test(rule.parent.name);
}

/** Converts WeChat's units and safe areas. platform/backend.ts converts `rpx` in inline styles. */
function convertValue(value) {
  return value
    .replace(/(-?\d*\.?\d+)rpx\b/g, 'calc(var(--screen-width) * $1 / 750)')
    .replace(/(-?\d*\.?\d+)vw\b/g, 'calc(var(--screen-width) * $1 / 100)')
    .replace(/(-?\d*\.?\d+)vh\b/g, 'calc(var(--screen-height) * $1 / 100)')
    .replace(/(?:env|constant)\(\s*safe-area-inset-bottom[^)]*\)/g, 'var(--safe-bottom)')
    .replace(/(?:env|constant)\(\s*safe-area-inset-\w+[^)]*\)/g, '0px');
}
