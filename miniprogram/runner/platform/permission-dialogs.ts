/** Asks for permissions: once per scope. Afterwards only the settings change them. */

import { ApiFailure } from '../state/api-failure';
import { authSetting, permissions } from '../state/permissions';
import { texts } from '../state/texts';
import { askInDialog, button, confirmDialog } from './dialogs';
import { element } from './dom';

const SCOPES: Record<string, { name: string; question: string }> = {
  'scope.writePhotosAlbum': { name: texts.album, question: texts.albumQuestion },
};

/** Asks the user if the scope is undecided. Throws an `ApiFailure` if the permission is denied. */
export async function requirePermission(scope: string): Promise<void> {
  const known = SCOPES[scope];
  if (!known) throw new ApiFailure('invalid scope');
  if (!permissions[scope]) {
    const isAllowed = await confirmDialog({ title: known.question, confirmText: texts.allow, cancelText: texts.deny });
    permissions[scope] = isAllowed ? 'granted' : 'denied';
  }
  if (permissions[scope] === 'denied') throw new ApiFailure('auth deny');
}

/** Opens the settings, with a switch for every scope that was decided before. Resolves when they are closed. */
export async function openPermissionSettings(): Promise<{ authSetting: Record<string, boolean> }> {
  await askInDialog<null>({ label: texts.settings, position: 'fullscreen', cancelValue: null }, (finish) => {
    const rows = Object.keys(permissions).map((scope) => {
      const box = element('input', { type: 'checkbox', role: 'switch', class: 'settings-switch', checked: permissions[scope] === 'granted' });
      box.onchange = () => {
        permissions[scope] = box.checked ? 'granted' : 'denied';
      };
      return element('label', { class: 'settings-row' }, element('span', {}, SCOPES[scope]?.name ?? scope), box);
    });
    return [
      element('h2', { class: 'dialog-title' }, texts.settings),
      ...rows,
      element('div', { class: 'dialog-actions' }, button(texts.done, 'primary', () => finish(null))),
    ];
  });
  return { authSetting: authSetting() };
}
