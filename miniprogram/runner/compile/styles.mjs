/**
 * Turns all WXSS into one style sheet for a browser: app.wxss, then the components, then the pages, so that the
 * outer look wins where two rules weigh the same, as it does on a phone.
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
  const app = path.join(source, 'app.wxss');
  const sheets = fs.existsSync(app) ? [sheetOf(app, { page: null, scope: '' })] : [];
  const ordered = [...parts.filter((part) => !part.isPage), ...parts.filter((part) => part.isPage)];
  for (const part of ordered) {
    const file = path.join(source, `${part.path}.wxss`);
    if (fs.existsSync(file)) sheets.push(sheetOf(file, { page: part.isPage ? part.path : null, scope: part.scope }));
  }
  return sheets.join('\n');

  function sheetOf(file, owner) {
    const root = readWithImports(file, new Set());
    root.walkRules((rule) => {
      if (isKeyframe(rule)) return;
      rule.selectors = rule.selectors.map((selector) => {
        const wrong = whatIsWrongWith(selector, owner);
        if (wrong) report(rule, wrong);
        return browserSelector(selector, owner);
      });
    });
    root.walkDecls((declaration) => {
      if (/url\((?!\s*['"]?(?:data:|https:))/.test(declaration.value)) {
        report(declaration, 'WXSS cannot show a picture of the package; use <image> or a data: URL');
      }
      declaration.value = browserValue(declaration.value);
    });
    root.walkAtRules('media', (rule) => {
      if (!/width|height|orientation|aspect-ratio/.test(rule.params)) return;
      if (/prefers-/.test(rule.params)) report(rule, 'ask for the size and for a preference in two @media, one inside the other');
      // The phone may be smaller than the window; a container query asks the phone.
      rule.name = 'container';
      rule.params = `phone ${rule.params.replace(/^\s*(only\s+)?(screen|all)\s+and\s+/, '')}`;
    });
    return root.toString();
  }

  function readWithImports(file, above) {
    const text = fs.readFileSync(file, 'utf8');
    let root;
    try {
      root = postcss.parse(text, { from: file });
    } catch (error) {
      problems.add(file, error.line ?? 1, error.reason ?? error.message);
      return postcss.root();
    }
    root.walkAtRules('import', (rule) => {
      const wanted = rule.params.replace(/^(url\()?['"]?|['"]?\)?$/g, '');
      const target = wanted.startsWith('/') ? path.join(source, wanted) : path.join(path.dirname(file), wanted);
      if (!fs.existsSync(target)) problems.add(file, rule.source.start.line, `@import: ${wanted} is not found`);
      else if (above.has(target)) problems.add(file, rule.source.start.line, `@import: ${wanted} imports itself`);
      else rule.before(readWithImports(target, new Set([...above, file])).nodes);
      rule.remove();
    });
    return root;
  }

  function report(node, message) {
    problems.add(node.source.input.file, node.source.start.line, message);
  }

  function whatIsWrongWith(selector, owner) {
    if (/#[a-zA-Z]/.test(selector)) return `"${selector}": use a class, not an id`;
    if (!owner.scope) return null;
    const bare = selector.replace(/\.[\w-]+|:host|::?[\w-]+(\([^)]*\))?/g, '');
    if (/[a-zA-Z]/.test(bare)) return `"${selector}": a component may select by class only`;
    return null;
  }

  function browserSelector(selector, { page, scope }) {
    let result = selector;
    if (scope) result = result.replace(/\.(?=[a-zA-Z_-])/g, `.${scope}--`);
    // :where() adds no weight, so that a rule weighs what it weighs on the phone.
    result = result.replace(/:host(?![\w-])/g, `:where([wx-host="${scope}"])`);
    result = result.replace(/(^|[\s>+~(,])([a-z][a-z-]*)(?=$|[\s>+~.:,)[])/g, (whole, before, tag) =>
      tag === 'page' ? `${before}wx-page` : builtIns.has(tag) ? `${before}wx-${tag}` : whole,
    );
    if (page === null) return result;
    const here = `:where(wx-page[page="${page}"])`;
    return /^wx-page(?![\w-])/.test(result) ? result.replace(/^wx-page/, `wx-page${here}`) : `${here} ${result}`;
  }
}

function isKeyframe(rule) {
  return rule.parent?.type === 'atrule' && /keyframes$/.test(rule.parent.name);
}

function browserValue(value) {
  return value
    .replace(/(-?\d*\.?\d+)rpx\b/g, 'calc(var(--w) * $1 / 750)')
    .replace(/(-?\d*\.?\d+)vw\b/g, 'calc(var(--w) * $1 / 100)')
    .replace(/(-?\d*\.?\d+)vh\b/g, 'calc(var(--h) * $1 / 100)')
    .replace(/(?:env|constant)\(\s*safe-area-inset-bottom[^)]*\)/g, 'var(--safe-bottom)')
    .replace(/(?:env|constant)\(\s*safe-area-inset-\w+[^)]*\)/g, '0px');
}
