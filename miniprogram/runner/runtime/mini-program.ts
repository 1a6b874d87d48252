/** What build.mjs leaves in app.js, and the registration of its code with glass-easel. */

import { MiniProgramEnv, type glassEasel } from 'glass-easel-miniprogram-adapter';
import { registerBuiltIns } from '../builtins';
import { accessible } from './accessible';
import { limitSetData } from './limits';

export interface TabBarItem {
  pagePath: string;
  text: string;
  iconPath?: string;
  selectedIconPath?: string;
}

export interface PageConfig {
  navigationBarTitleText?: string;
  navigationBarBackgroundColor?: string;
  navigationBarTextStyle?: string;
  backgroundColor?: string;
  backgroundTextStyle?: string;
  enablePullDownRefresh?: boolean;
  onReachBottomDistance?: number;
  disableScroll?: boolean;
}

interface Part {
  isPage: boolean;
  scope: string;
  config: PageConfig & { usingComponents: Record<string, string>; styleIsolation?: string; addGlobalClass?: boolean };
  run(): void;
}

export interface MiniProgram {
  app: {
    pages: string[];
    window?: PageConfig;
    tabBar?: { color?: string; selectedColor?: string; backgroundColor?: string; borderStyle?: string; list: TabBarItem[] };
    networkTimeout?: { request?: number; uploadFile?: number; downloadFile?: number };
  };
  theme: Partial<Record<'light' | 'dark', Record<string, string>>>;
  templates: Record<string, glassEasel.template.ComponentTemplate['content']>;
  runApp(): void;
  parts: Record<string, Part>;
}

declare global {
  // Made by app.js, which index.html loads before the runner.
  var miniProgram: MiniProgram;
}

/** The object that `getApp()` gives. */
export const appObject: Record<string, unknown> = {};

export const environment = new MiniProgramEnv();

export const codeSpace = environment.createCodeSpace('', true);

/** Runs app.ts and the files of all pages and components, which register themselves. */
export function loadMiniProgram(program: MiniProgram): void {
  const space = codeSpace.getComponentSpace();
  limitSetData();
  codeSpace.setOverallBehavior(space.defineBehavior(accessible));
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
          describe(path, part, usingComponents, definition.options);
          Component(definition as never);
        },
      });
      describe(path, part, usingComponents);
      part.run();
    });
  }
}

interface ComponentDefinition {
  options?: { styleIsolation?: string; addGlobalClass?: boolean };
}

/** WeChat takes the isolation of styles from the JSON and from `options`; the adapter looks at the JSON alone. */
function describe(path: string, part: Part, usingComponents: Record<string, string>, options?: ComponentDefinition['options']) {
  const { styleIsolation = options?.styleIsolation, addGlobalClass = options?.addGlobalClass } = part.config;
  codeSpace.addComponentStaticConfig(path, {
    component: !part.isPage,
    usingComponents,
    ...(styleIsolation ? { styleIsolation: styleIsolation as never } : {}),
    ...(addGlobalClass ? { addGlobalClass } : {}),
  });
}
