/** Renders the navigation bar above the page and the tab bar below it, with the colors of app.json and theme.json. */

import { callHook } from '../state/error-log';
import { isSinglePageMode } from '../state/launch';
import { isTabPage, tabBarItems, type TabBarItem } from '../state/mini-program';
import { texts } from '../state/texts';
import { resolveThemeValue, theme } from '../state/theme';
import { byId, element } from './dom';
import { openMenu } from './menu';
import { pageStack } from './page-stack';

export function renderBars(): void {
  // The mini program may change its tab bar during launch, before a page is open.
  if (pageStack.pages.length === 0) return;
  renderNavigationBar();
  renderTabBar();
}

function renderNavigationBar(): void {
  const page = pageStack.top;
  const isDark = theme() === 'dark';
  const background = resolveThemeValue(page.config.navigationBarBackgroundColor, isDark ? '#191919' : '#ffffff');
  const isTextWhite = resolveThemeValue(page.config.navigationBarTextStyle, isDark ? 'white' : 'black') === 'white';
  const { style } = byId('device');
  style.setProperty('--bar-background', background);
  style.setProperty('--bar-text', isTextWhite ? '#ffffff' : '#1c1a19');
  byId('pages').style.backgroundColor = resolveThemeValue(page.config.backgroundColor, isDark ? '#191919' : '#ffffff');
  byId('title').textContent = page.title;
  document.title = page.title;

  const depth = pageStack.pages.length;
  const needsHomeButton = depth === 1 && !isTabPage(page.path) && miniProgram.app.tabBar && !isSinglePageMode();
  byId('bar-left').replaceChildren(
    ...(depth > 1 ? [barButton('back', texts.back, () => pageStack.navigateBack())] : []),
    ...(needsHomeButton ? [barButton('home', texts.home, () => pageStack.switchTab(`/${miniProgram.app.pages[0]}`))] : []),
  );
  byId('bar-right').replaceChildren(
    ...(page.pullToRefresh ? [barButton('refresh', texts.refresh, () => page.pullToRefresh?.start())] : []),
    barButton('more', texts.more, () => openMenu(page)),
  );
}

function barButton(icon: string, label: string, onclick: () => void): HTMLElement {
  return element('button', { class: `bar-button bar-button--${icon}`, 'aria-label': label, title: label, onclick });
}

function renderTabBar(): void {
  const bar = byId('tab-bar');
  const { path } = pageStack.top;
  const settings = miniProgram.app.tabBar;
  byId('device').classList.toggle('has-tabs', isTabPage(path));
  if (!settings || !isTabPage(path)) {
    bar.replaceChildren();
    return;
  }
  const isBorderWhite = resolveThemeValue(settings.borderStyle, 'black') === 'white';
  bar.style.setProperty('--tab-bar-background', resolveThemeValue(settings.backgroundColor, '#ffffff'));
  bar.style.setProperty('--tab-bar-border', isBorderWhite ? 'rgb(255 255 255 / 12%)' : 'rgb(0 0 0 / 10%)');
  bar.replaceChildren(
    ...tabBarItems().map((item, index) => {
      const isSelected = item.pagePath === path;
      const icon = resolveThemeValue((isSelected && item.selectedIconPath) || item.iconPath, '');
      const color = resolveThemeValue(isSelected ? settings.selectedColor : settings.color, 'inherit');
      return element(
        'button',
        { class: 'tab', role: 'tab', 'aria-selected': isSelected, onclick: () => selectTab(item, index) },
        icon ? element('img', { src: icon.startsWith('/') ? icon : `/${icon}`, alt: '', draggable: false }) : null,
        element('span', { style: `color:${color}` }, item.text),
      );
    }),
  );
}

function selectTab(item: TabBarItem, index: number): void {
  const page = pageStack.switchTab(`/${item.pagePath}`);
  callHook(page.instance, 'onTabItemTap', { index, pagePath: item.pagePath, text: item.text });
}
