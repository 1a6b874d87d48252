/** Moving between pages, the bars around them, and scrolling them. */

import { isTab, MoveRefused, type Navigation } from '../runtime/navigation';
import { phone } from '../runtime/phone';
import { api, Refusal } from './convention';

interface Move {
  url: string;
}

function move<O extends object>(name: string, run: (navigation: Navigation, options: O) => unknown) {
  return api(name, (options: O) => {
    try {
      run(phone.navigation, options);
    } catch (error) {
      throw error instanceof MoveRefused ? new Refusal(error.reason) : error;
    }
  });
}

interface Scroll {
  scrollTop?: number;
  selector?: string;
  duration?: number;
  offsetTop?: number;
}

function pageScrollTo({ scrollTop, selector, duration = 300, offsetTop = 0 }: Scroll): void {
  const { host, instance } = phone.navigation.top;
  let top = scrollTop ?? 0;
  if (selector) {
    const target = instance._$.getShadowRoot()?.querySelector(selector)?.getBackendElement() as unknown as Element | undefined;
    if (!target) throw new Refusal(`no element ${selector}`);
    top = host.scrollTop + target.getBoundingClientRect().top - host.getBoundingClientRect().top + offsetTop;
  }
  host.scrollTo({ top, behavior: duration > 0 ? 'smooth' : 'instant' });
}

interface TabChange {
  index: number;
  text?: string;
  iconPath?: string;
  selectedIconPath?: string;
}

function setTabBarItem({ index, text, iconPath, selectedIconPath }: TabChange): void {
  const inView = phone.navigation.stack.at(-1)?.path ?? phone.launch.path;
  if (!isTab(inView)) throw new Refusal('not TabBar page');
  const change = Object.entries({ text, iconPath, selectedIconPath }).filter(([, value]) => value !== undefined);
  phone.bars.changeTab(index, Object.fromEntries(change));
}

export const navigation = {
  navigateTo: move('navigateTo', (pages, { url }: Move) => pages.navigateTo(url)),
  redirectTo: move('redirectTo', (pages, { url }: Move) => pages.redirectTo(url)),
  switchTab: move('switchTab', (pages, { url }: Move) => pages.switchTab(url)),
  reLaunch: move('reLaunch', (pages, { url }: Move) => pages.reLaunch(url)),
  navigateBack: move('navigateBack', (pages, { delta }: { delta?: number }) => pages.navigateBack(delta)),
  setNavigationBarTitle: api('setNavigationBarTitle', ({ title }: { title: string }) => {
    phone.navigation.top.title = title;
    phone.bars.paint();
  }),
  setTabBarItem: api('setTabBarItem', setTabBarItem),
  startPullDownRefresh: api('startPullDownRefresh', () => {
    const { pull } = phone.navigation.top;
    if (!pull) throw new Refusal('not enable');
    pull.start();
  }),
  stopPullDownRefresh: api('stopPullDownRefresh', () => phone.navigation.top.pull?.stop()),
  pageScrollTo: api('pageScrollTo', pageScrollTo),
  createSelectorQuery: () => phone.navigation.top.instance.createSelectorQuery(),
};
