/** Login, subscribe messages and the clipboard. */

import { copyToClipboard } from '../platform/clipboard';
import { askInDialog, button } from '../platform/dialogs';
import { element } from '../platform/dom';
import { usageFailure } from '../state/api-failure';
import { isTapActive } from '../state/recent-tap';
import { texts } from '../state/texts';
import { api } from './api';

const USER_NAME_KEY = 'runner:name';
const MAX_TEMPLATES = 5;

/** The name of the user, which stays the same in this browser. A service with development login accepts the code `dev-NAME`. */
function userName(): string {
  const stored = localStorage.getItem(USER_NAME_KEY);
  if (stored) return stored;
  const created = Math.random().toString(36).slice(2, 10);
  localStorage.setItem(USER_NAME_KEY, created);
  return created;
}

async function requestSubscribeMessage({ tmplIds }: { tmplIds: string[] }): Promise<Record<string, string>> {
  if (!isTapActive()) throw usageFailure('can only be invoked by user TAP gesture.', 'requestSubscribeMessage');
  if (tmplIds.length === 0 || tmplIds.length > MAX_TEMPLATES) {
    throw usageFailure('Templates count out of max bounds', 'requestSubscribeMessage');
  }
  const answer = await askInDialog<'accept' | 'reject'>(
    { label: texts.subscribeMessage, position: 'bottom', cancelValue: 'reject' },
    (finish) => [
      element('div', { class: 'dialog-body' }, element('h2', {}, texts.subscribeQuestion), element('p', {}, tmplIds.join(', '))),
      element(
        'div',
        { class: 'dialog-actions' },
        button(texts.decline, 'secondary', () => finish('reject')),
        button(texts.allow, 'primary', () => finish('accept')),
      ),
    ],
  );
  return Object.fromEntries(tmplIds.map((id) => [id, answer]));
}

export const account = {
  login: api('login', () => ({ code: `dev-${userName()}` })),
  checkSession: api('checkSession', () => {}),
  requestSubscribeMessage: api('requestSubscribeMessage', requestSubscribeMessage),
  // A phone never refuses to copy, so this does not fail either.
  setClipboardData: api('setClipboardData', ({ data }: { data: string }) => copyToClipboard(data)),
};
