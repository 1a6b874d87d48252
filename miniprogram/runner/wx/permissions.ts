/** Permissions: asked once, kept, and changed afterwards in the settings only. */

import { ask, button, openDialog } from '../runtime/dialogs';
import { element } from '../runtime/elements';
import { tapWasJustNow } from '../runtime/taps';
import { words } from '../runtime/words';
import { api, refuseLoudly, Refusal } from './convention';

const KEY = 'runner:permissions';
const SCOPES: Record<string, { name: string; question: string }> = {
  'scope.writePhotosAlbum': { name: words.album, question: words.albumAsk },
};

type State = 'granted' | 'denied';

/** `permissions['scope.writePhotosAlbum'] = 'denied'`; undecided while it is missing. */
export const permissions = new Proxy({} as Record<string, State>, {
  get: (_, scope: string) => stored()[scope],
  set: (_, scope: string, state: State) => {
    localStorage.setItem(KEY, JSON.stringify({ ...stored(), [scope]: state }));
    return true;
  },
  deleteProperty: (_, scope: string) => {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(Object.entries(stored()).filter(([name]) => name !== scope))));
    return true;
  },
  ownKeys: () => Object.keys(stored()),
  getOwnPropertyDescriptor: (_, scope: string) => ({ value: stored()[scope], enumerable: true, configurable: true, writable: true }),
});

function stored(): Record<string, State> {
  return JSON.parse(localStorage.getItem(KEY) ?? '{}');
}

function authSetting(): Record<string, boolean> {
  return Object.fromEntries(Object.entries(stored()).map(([scope, state]) => [scope, state === 'granted']));
}

/** Asks the person if they have not been asked yet; a refusal stands for good. */
export async function needPermission(scope: string): Promise<void> {
  const known = SCOPES[scope];
  if (!known) throw new Refusal('invalid scope');
  if (!permissions[scope]) {
    const allowed = await ask({ title: known.question, yes: words.allow, no: words.deny });
    permissions[scope] = allowed ? 'granted' : 'denied';
  }
  if (permissions[scope] === 'denied') throw new Refusal('auth deny');
}

/** The settings window: a switch for everything that was asked before. */
export function openSettings(): Promise<{ authSetting: Record<string, boolean> }> {
  return new Promise((resolve) => {
    const finish = () => {
      dialog.close();
      resolve({ authSetting: authSetting() });
    };
    const rows = Object.keys(stored()).map((scope) => {
      const box = element('input', { type: 'checkbox', role: 'switch', class: 'settings-switch', checked: permissions[scope] === 'granted' });
      box.onchange = () => {
        permissions[scope] = box.checked ? 'granted' : 'denied';
      };
      return element('label', { class: 'settings-row' }, element('span', {}, SCOPES[scope]?.name ?? scope), box);
    });
    const dialog = openDialog(
      { label: words.settings, place: 'everything', onCancel: finish },
      element('h2', { class: 'settings-title' }, words.settings),
      ...rows,
      element('div', { class: 'dialog-answers' }, button(words.done, 'main', finish)),
    );
  });
}

export const settings = {
  getSetting: api('getSetting', () => ({ authSetting: authSetting() })),
  authorize: api('authorize', ({ scope }: { scope: string }) => needPermission(scope)),
  openSetting: api('openSetting', () => {
    if (!tapWasJustNow()) throw refuseLoudly('openSetting', 'can only be invoked by user TAP gesture');
    return openSettings();
  }),
};
