/** The menu behind the three dots of the navigation bar, and the windows in which WeChat would ask whom to share with. */

import { button, choose, openDialog, showToast } from './dialogs';
import { element } from './elements';
import { callHook } from './errors';
import { openSettings } from '../wx/permissions';
import { SINGLE_PAGE } from './launch';
import type { Page } from './page';
import { words } from './words';

const TOAST_MS = 1500;

interface Message {
  title?: string;
  path?: string;
  query?: string;
  imageUrl?: string;
  promise?: Promise<Message>;
}

export async function openMenu(page: Page): Promise<void> {
  const entries: [string, () => void][] = [];
  if (page.has('onShareAppMessage')) entries.push([words.forward, () => void shareWithFriend(page, { from: 'menu' })]);
  if (page.has('onShareAppMessage') && page.has('onShareTimeline')) entries.push([words.moments, () => shareWithMoments(page)]);
  entries.push([words.settings, () => void openSettings()]);
  entries.push([words.restart, () => location.assign('/')]);
  const index = await choose(words.menu, entries.map(([label]) => label));
  if (index !== null) entries[index]?.[1]();
}

/** Calls onShareAppMessage as WeChat does, and shows what would be sent. */
export async function shareWithFriend(page: Page, source: { from: 'button' | 'menu'; target?: unknown }): Promise<void> {
  const answer = (callHook(page.instance, 'onShareAppMessage', source) ?? {}) as Message;
  const message = answer.promise ? { ...answer, ...(await answer.promise) } : answer;
  showMessage(words.shareTitle, page, message, `/#${message.path ? withSlash(message.path) : page.url}`);
}

function shareWithMoments(page: Page): void {
  const message = (callHook(page.instance, 'onShareTimeline') ?? {}) as Message;
  const address = `/${page.path}${message.query ? `?${message.query}` : ''}`;
  showMessage(words.momentsTitle, page, message, `/?scene=${SINGLE_PAGE}#${address}`);
}

function showMessage(label: string, page: Page, message: Message, address: string): void {
  const link = new URL(address, location.origin).href;
  const field = element('input', { class: 'share-link', value: link, readOnly: true, 'aria-label': label });
  const copy = button(words.copy, 'main', () => {
    void navigator.clipboard?.writeText(link).catch(() => field.select());
    showToast(words.copied, 'success', { milliseconds: TOAST_MS, mask: false });
  });
  const close = () => dialog.close();
  const dialog = openDialog(
    { label, place: 'bottom', onCancel: close },
    element(
      'div',
      { class: 'dialog-body' },
      element('h2', {}, label),
      element(
        'div',
        { class: 'share-card' },
        message.imageUrl ? element('img', { src: message.imageUrl, alt: '' }) : null,
        element('strong', {}, message.title ?? page.title),
      ),
      element('p', {}, words.shareNote),
      field,
    ),
    element('div', { class: 'dialog-answers' }, button(words.close, 'quiet', close), element('a', { class: 'dialog-button dialog-button--quiet', href: link, target: '_blank' }, words.open), copy),
  );
}

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
