/** The compiled mini program that build.mjs writes to app.js, and its glass-easel environment. */

import { MiniProgramEnv, type glassEasel } from 'glass-easel-miniprogram-adapter';

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

/** A page or a component. */
export interface Part {
  isPage: boolean;
  /** The prefix of the class names in its style sheet; empty for a page. */
  scope: string;
  config: PageConfig & { usingComponents: Record<string, string>; styleIsolation?: string; addGlobalClass?: boolean };
  /** Runs the script of the page or component. */
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
  // Defined by app.js, which index.html loads before the runner.
  var miniProgram: MiniProgram;
}

export const environment = new MiniProgramEnv();
export const codeSpace = environment.createCodeSpace('', true);

/** The object that `getApp()` returns. */
export const appObject: Record<string, unknown> = {};

/** Changes made by `wx.setTabBarItem`, by index. */
const tabBarItemChanges = new Map<number, Partial<TabBarItem>>();

export function changeTabBarItem(index: number, change: Partial<TabBarItem>): void {
  tabBarItemChanges.set(index, { ...tabBarItemChanges.get(index), ...change });
}

/** The items of the tab bar with the changes of `wx.setTabBarItem`; empty without a tab bar. */
export function tabBarItems(): TabBarItem[] {
  return (miniProgram.app.tabBar?.list ?? []).map((item, index) => ({ ...item, ...tabBarItemChanges.get(index) }));
}

export function isTabPage(path: string): boolean {
  return miniProgram.app.tabBar?.list.some((item) => item.pagePath === path) ?? false;
}
