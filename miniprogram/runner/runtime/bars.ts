/** Draws the navigation bar above the page and the tab bar below it, in the colours of app.json and theme.json. */

import { byId, element } from './elements';
import { callHook } from './errors';
import { isTab, type Navigation } from './navigation';
import { SINGLE_PAGE } from './launch';
import { openMenu } from './menu';
import { phone } from './phone';
import { theme, themed } from './theme';
import { words } from './words';
import type { TabBarItem } from './mini-program';

export class Bars {
  #navigation: Navigation;
  /** What wx.setTabBarItem changed, by index. */
  #changedTabs = new Map<number, Partial<TabBarItem>>();

  constructor(navigation: Navigation) {
    this.#navigation = navigation;
  }

  changeTab(index: number, change: Partial<TabBarItem>): void {
    this.#changedTabs.set(index, { ...this.#changedTabs.get(index), ...change });
    this.paint();
  }

  paint(): void {
    // The mini program may already speak of its tabs while it is launched.
    if (this.#navigation.stack.length === 0) return;
    this.#paintNavigationBar();
    this.#paintTabBar();
  }

  #paintNavigationBar(): void {
    const page = this.#navigation.top;
    const dark = theme() === 'dark';
    const ground = themed(page.config.navigationBarBackgroundColor, dark ? '#191919' : '#ffffff');
    const ink = themed(page.config.navigationBarTextStyle, dark ? 'white' : 'black') === 'white' ? '#ffffff' : '#1c1a19';
    const { style } = byId('phone');
    style.setProperty('--bar-ground', ground);
    style.setProperty('--bar-ink', ink);
    byId('pages').style.backgroundColor = themed(page.config.backgroundColor, dark ? '#191919' : '#ffffff');
    byId('title').textContent = page.title;
    document.title = page.title;

    const depth = this.#navigation.stack.length;
    const lost = depth === 1 && !isTab(page.path) && miniProgram.app.tabBar && phone.launch.scene !== SINGLE_PAGE;
    byId('bar-left').replaceChildren(
      ...(depth > 1 ? [this.#button('back', words.back, () => this.#navigation.navigateBack())] : []),
      ...(lost ? [this.#button('home', words.home, () => this.#navigation.switchTab(`/${miniProgram.app.pages[0]}`))] : []),
    );
    byId('bar-right').replaceChildren(
      ...(page.pull ? [this.#button('refresh', words.refresh, () => page.pull?.start())] : []),
      this.#button('menu', words.menu, () => openMenu(page)),
    );
  }

  #button(icon: string, label: string, onclick: () => void): HTMLElement {
    return element('button', { class: `bar-button bar-button--${icon}`, 'aria-label': label, title: label, onclick });
  }

  #paintTabBar(): void {
    const bar = byId('tab-bar');
    const { path } = this.#navigation.top;
    const settings = miniProgram.app.tabBar;
    byId('phone').classList.toggle('has-tabs', isTab(path));
    if (!settings || !isTab(path)) {
      bar.replaceChildren();
      return;
    }
    bar.style.setProperty('--tab-ground', themed(settings.backgroundColor, '#ffffff'));
    bar.style.setProperty('--tab-line', themed(settings.borderStyle, 'black') === 'white' ? 'rgb(255 255 255 / 12%)' : 'rgb(0 0 0 / 10%)');
    bar.replaceChildren(
      ...settings.list.map((original, index) => {
        const tab = { ...original, ...this.#changedTabs.get(index) };
        const chosen = tab.pagePath === path;
        const icon = themed((chosen && tab.selectedIconPath) || tab.iconPath, '');
        return element(
          'button',
          { class: 'tab', role: 'tab', 'aria-selected': chosen, onclick: () => this.#choose(tab, index) },
          icon ? element('img', { src: icon.startsWith('/') ? icon : `/${icon}`, alt: '', draggable: false }) : null,
          element('span', { style: `color:${themed(chosen ? settings.selectedColor : settings.color, 'inherit')}` }, tab.text),
        );
      }),
    );
  }

  #choose(tab: TabBarItem, index: number): void {
    const page = this.#navigation.switchTab(`/${tab.pagePath}`);
    callHook(page.instance, 'onTabItemTap', { index, pagePath: tab.pagePath, text: tab.text });
  }
}
