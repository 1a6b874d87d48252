/** The frame around the phone: its size, its words, and the note beside it on a wide window. */

import { byId, element } from './elements';
import { isChinese, words } from './words';

export function drawFrame(singlePage: boolean): void {
  document.documentElement.lang = isChinese ? 'zh-CN' : 'en';
  byId('tab-bar').setAttribute('aria-label', words.tabs);
  byId('note').append(
    element('small', {}, words.demo),
    element('h1', {}, words.demoTitle),
    element('p', {}, words.demoText),
    element('p', {}, words.demoLimits),
    element('p', { class: 'note-hint' }, words.demoHint),
  );
  if (singlePage) drawSinglePageBar();
  followSize();
  tickClock();
}

/** WeChat puts it under the page that a post in Moments opens. */
function drawSinglePageBar(): void {
  const open = element('a', { href: `/${location.hash}` }, words.openMiniProgram);
  byId('screen').after(element('div', { class: 'single-page' }, element('span', {}, words.singlePage), open));
}

/** `--w` and `--h`: what 750rpx and 100vh are. */
function followSize(): void {
  const screen = byId('screen');
  const measure = () => {
    screen.style.setProperty('--w', `${screen.clientWidth}px`);
    screen.style.setProperty('--h', `${screen.clientHeight}px`);
  };
  measure();
  new ResizeObserver(measure).observe(screen);
}

function tickClock(): void {
  const show = () => {
    const now = new Date();
    byId('clock').textContent = `${now.getHours()}:${String(now.getMinutes()).padStart(2, '0')}`;
  };
  show();
  setInterval(show, 10_000);
}
