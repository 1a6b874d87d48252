/** Who uses the phone: login, messages they agree to, and the clipboard. */

import { button, openDialog, showToast } from '../runtime/dialogs';
import { element } from '../runtime/elements';
import { tapIsUnderWay } from '../runtime/taps';
import { words } from '../runtime/words';
import { api, refuseLoudly } from './convention';

const NAME_KEY = 'runner:name';
const TEMPLATES_AT_ONCE = 5;

/** The same person each time in the same browser; a service in development accepts `dev-NAME`. */
function name(): string {
  const known = localStorage.getItem(NAME_KEY);
  if (known) return known;
  const made = Math.random().toString(36).slice(2, 10);
  localStorage.setItem(NAME_KEY, made);
  return made;
}

function requestSubscribeMessage({ tmplIds }: { tmplIds: string[] }): Promise<Record<string, string>> {
  if (!tapIsUnderWay()) throw refuseLoudly('requestSubscribeMessage', 'can only be invoked by user TAP gesture.');
  if (tmplIds.length === 0 || tmplIds.length > TEMPLATES_AT_ONCE) throw refuseLoudly('requestSubscribeMessage', 'Templates count out of max bounds');
  return new Promise((resolve) => {
    const answer = (word: 'accept' | 'reject') => () => {
      dialog.close();
      resolve(Object.fromEntries(tmplIds.map((id) => [id, word])));
    };
    const dialog = openDialog(
      { label: words.subscribeMessage, place: 'bottom', onCancel: () => answer('reject')() },
      element('div', { class: 'dialog-body' }, element('h2', {}, words.subscribeAsk), element('p', {}, tmplIds.join(', '))),
      element('div', { class: 'dialog-answers' }, button(words.refuse, 'quiet', answer('reject')), button(words.allow, 'main', answer('accept'))),
    );
  });
}

async function setClipboardData({ data }: { data: string }): Promise<void> {
  // A browser may forbid it, for instance without https; the phone never does.
  await navigator.clipboard?.writeText(data).catch(() => {});
  showToast(words.copied, 'success', { milliseconds: 1500, mask: false });
}

export const account = {
  login: api('login', () => ({ code: `dev-${name()}` })),
  checkSession: api('checkSession', () => {}),
  requestSubscribeMessage: api('requestSubscribeMessage', requestSubscribeMessage),
  setClipboardData: api('setClipboardData', setClipboardData),
};
