/** The simulated device around the mini program: its size, its clock, and the note beside it in a wide window. */

import { isSinglePageMode } from '../state/launch';
import { isChinese, texts } from '../state/texts';
import { byId, element } from './dom';

const CLOCK_INTERVAL_MS = 10_000;

export function renderDeviceFrame(): void {
  document.documentElement.lang = isChinese ? 'zh-CN' : 'en';
  byId('tab-bar').setAttribute('aria-label', texts.tabs);
  byId('side-note').append(
    element('small', {}, texts.demo),
    element('h1', {}, texts.demoTitle),
    element('p', {}, texts.demoText),
    element('p', {}, texts.demoPhoneOnly),
    element('p', { class: 'side-note-hint' }, texts.demoHint),
  );
  if (isSinglePageMode()) renderSinglePageBar();
  watchScreenSize();
  startClock();
}

/** WeChat shows this bar below a page that was opened from a post in Moments. */
function renderSinglePageBar(): void {
  const open = element('a', { href: `/${location.hash}` }, texts.openMiniProgram);
  byId('screen').after(element('div', { class: 'single-page-bar' }, element('span', {}, texts.singlePageMode), open));
}

/** Sets `--screen-width` and `--screen-height`, which style sheets use for 750rpx and 100vh. */
function watchScreenSize(): void {
  const screen = byId('screen');
  const update = () => {
    screen.style.setProperty('--screen-width', `${screen.clientWidth}px`);
    screen.style.setProperty('--screen-height', `${screen.clientHeight}px`);
  };
  update();
  new ResizeObserver(update).observe(screen);
}

function startClock(): void {
  const update = () => {
    const now = new Date();
    byId('clock').textContent = `${now.getHours()}:${String(now.getMinutes()).padStart(2, '0')}`;
  };
  update();
  setInterval(update, CLOCK_INTERVAL_MS);
}
