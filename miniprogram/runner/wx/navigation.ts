/** Navigation between pages, the navigation bar, the tab bar, and scrolling. */

import { renderBars } from '../platform/bars';
import { pageStack } from '../platform/page-stack';
import { ApiFailure } from '../state/api-failure';
import { launchOptions } from '../state/launch';
import { changeTabBarItem, isTabPage } from '../state/mini-program';
import { api } from './api';

interface NavigateOptions {
  url: string;
}

interface PageScrollOptions {
  scrollTop?: number;
  selector?: string;
  duration?: number;
  offsetTop?: number;
}

function pageScrollTo({ scrollTop, selector, duration = 300, offsetTop = 0 }: PageScrollOptions): void {
  const { host, instance } = pageStack.top;
  let top = scrollTop ?? 0;
  if (selector) {
    const target = instance._$.getShadowRoot()?.querySelector(selector)?.getBackendElement() as unknown as Element | undefined;
    if (!target) throw new ApiFailure(`no element ${selector}`);
    top = host.scrollTop + target.getBoundingClientRect().top - host.getBoundingClientRect().top + offsetTop;
  }
  host.scrollTo({ top, behavior: duration > 0 ? 'smooth' : 'instant' });
}

interface TabBarItemOptions {
  index: number;
  text?: string;
  iconPath?: string;
  selectedIconPath?: string;
}

function setTabBarItem({ index, text, iconPath, selectedIconPath }: TabBarItemOptions): void {
  // No page is open yet while the mini program launches.
  const currentPath = pageStack.pages.at(-1)?.path ?? launchOptions().path;
  if (!isTabPage(currentPath)) throw new ApiFailure('not TabBar page');
  const change = Object.entries({ text, iconPath, selectedIconPath }).filter(([, value]) => value !== undefined);
  changeTabBarItem(index, Object.fromEntries(change));
  renderBars();
}

export const navigation = {
  navigateTo: api('navigateTo', ({ url }: NavigateOptions) => void pageStack.navigateTo(url)),
  redirectTo: api('redirectTo', ({ url }: NavigateOptions) => void pageStack.redirectTo(url)),
  switchTab: api('switchTab', ({ url }: NavigateOptions) => void pageStack.switchTab(url)),
  reLaunch: api('reLaunch', ({ url }: NavigateOptions) => void pageStack.reLaunch(url)),
  navigateBack: api('navigateBack', ({ delta }: { delta?: number }) => void pageStack.navigateBack(delta)),
  setNavigationBarTitle: api('setNavigationBarTitle', ({ title }: { title: string }) => {
    pageStack.top.title = title;
    renderBars();
  }),
  setTabBarItem: api('setTabBarItem', setTabBarItem),
  startPullDownRefresh: api('startPullDownRefresh', () => {
    const { pullToRefresh } = pageStack.top;
    if (!pullToRefresh) throw new ApiFailure('not enable');
    pullToRefresh.start();
  }),
  stopPullDownRefresh: api('stopPullDownRefresh', () => pageStack.top.pullToRefresh?.stop()),
  pageScrollTo: api('pageScrollTo', pageScrollTo),
  createSelectorQuery: () => pageStack.top.instance.createSelectorQuery(),
};
