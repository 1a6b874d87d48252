/** The menu of the navigation bar, and the share dialogs, which replace WeChat's choice of a recipient. */

import { callHook } from '../state/error-log';
import { singlePageAddress } from '../state/launch';
import { texts } from '../state/texts';
import { copyToClipboard } from './clipboard';
import { button, chooseFromList, openDialog } from './dialogs';
import { element } from './dom';
import type { Page } from './page';
import { openPermissionSettings } from './permission-dialogs';

/** What `onShareAppMessage` and `onShareTimeline` return. */
interface ShareMessage {
  title?: string;
  path?: string;
  query?: string;
  imageUrl?: string;
  promise?: Promise<ShareMessage>;
}

export async function openMenu(page: Page): Promise<void> {
  const entries: [string, () => void][] = [];
  if (page.hasHook('onShareAppMessage')) entries.push([texts.forward, () => void shareWithFriend(page, { from: 'menu' })]);
  if (page.hasHook('onShareAppMessage') && page.hasHook('onShareTimeline')) entries.push([texts.moments, () => shareToMoments(page)]);
  entries.push([texts.settings, () => void openPermissionSettings()]);
  entries.push([texts.restart, () => location.assign('/')]);
  const index = await chooseFromList(texts.more, entries.map(([label]) => label));
  if (index !== null) entries[index]?.[1]();
}

/** Calls `onShareAppMessage` as WeChat does and shows what would be sent. */
export async function shareWithFriend(page: Page, source: { from: 'button' | 'menu'; target?: unknown }): Promise<void> {
  const returned = (callHook(page.instance, 'onShareAppMessage', source) ?? {}) as ShareMessage;
  const message = returned.promise ? { ...returned, ...(await returned.promise) } : returned;
  openShareDialog(texts.shareTitle, page, message, `/#${message.path ? withLeadingSlash(message.path) : page.url}`);
}

function shareToMoments(page: Page): void {
  const message = (callHook(page.instance, 'onShareTimeline') ?? {}) as ShareMessage;
  const pageUrl = `/${page.path}${message.query ? `?${message.query}` : ''}`;
  openShareDialog(texts.momentsTitle, page, message, singlePageAddress(pageUrl));
}

function openShareDialog(label: string, page: Page, message: ShareMessage, address: string): void {
  const link = new URL(address, location.origin).href;
  const field = element('input', { class: 'share-link', value: link, readOnly: true, 'aria-label': label });
  const copy = button(texts.copy, 'primary', () => void copyToClipboard(link, () => field.select()));
  const close = () => dialog.close();
  const dialog = openDialog(
    { label, position: 'bottom', onCancel: close },
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
      element('p', {}, texts.shareNote),
      field,
    ),
    element(
      'div',
      { class: 'dialog-actions' },
      button(texts.close, 'secondary', close),
      element('a', { class: 'dialog-button dialog-button--secondary', href: link, target: '_blank' }, texts.open),
      copy,
    ),
  );
}

function withLeadingSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
