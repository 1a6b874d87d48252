/** Registers the built-in tags, pages and components with glass-easel. */

import type { glassEasel } from 'glass-easel-miniprogram-adapter';
import { registerBuiltIns } from '../builtins';
import { ariaBehavior } from '../platform/accessibility';
import { limitSetData } from '../platform/set-data-limit';
import { appObject, codeSpace, type MiniProgram, type Part } from '../state/mini-program';

interface ComponentDefinition {
  options?: { styleIsolation?: string; addGlobalClass?: boolean };
}

/** Runs app.ts and the scripts of all pages and components, which register themselves. */
export function loadMiniProgram(program: MiniProgram): void {
  const space = codeSpace.getComponentSpace();
  limitSetData();
  codeSpace.setOverallBehavior(space.defineBehavior(ariaBehavior));
  const builtIns = registerBuiltIns(space);
  codeSpace.componentEnv('', ({ Behavior }) => {
    Object.assign(globalThis, { Behavior, App: (definition: object) => Object.assign(appObject, definition) });
  });
  program.runApp();
  for (const [path, part] of Object.entries(program.parts)) {
    const content = program.templates[path];
    if (!content) throw new Error(`${path}.wxml was not compiled`);
    const usingComponents = { ...builtIns, ...part.config.usingComponents };
    codeSpace.addCompiledTemplate(path, { groupList: program.templates, content } as glassEasel.template.ComponentTemplate);
    if (part.scope) codeSpace.addStyleSheet(path, undefined, part.scope);
    codeSpace.componentEnv(path, ({ Page, Component }) => {
      Object.assign(globalThis, {
        Page,
        Component: (definition: ComponentDefinition) => {
          setStaticConfig(path, part, usingComponents, definition.options);
          Component(definition as never);
        },
      });
      setStaticConfig(path, part, usingComponents);
      part.run();
    });
  }
}

/** WeChat reads the style isolation from the JSON and from `options`. The adapter reads only the JSON, so both are merged here. */
function setStaticConfig(path: string, part: Part, usingComponents: Record<string, string>, options?: ComponentDefinition['options']): void {
  const { styleIsolation = options?.styleIsolation, addGlobalClass = options?.addGlobalClass } = part.config;
  codeSpace.addComponentStaticConfig(path, {
    component: !part.isPage,
    usingComponents,
    ...(styleIsolation ? { styleIsolation: styleIsolation as never } : {}),
    ...(addGlobalClass ? { addGlobalClass } : {}),
  });
}
