/** Sharing an image, and the share menu. */

import { askInDialog, button } from '../platform/dialogs';
import { element } from '../platform/dom';
import { ApiFailure } from '../state/api-failure';
import { texts } from '../state/texts';
import { api } from './api';
import { readFile } from './files';
import { saveToDownloads } from './media';

async function showShareImageMenu({ path }: { path: string }) {
  if (path.startsWith('http')) throw new ApiFailure('file not found');
  const file = await readFile(path);
  const choice = await askInDialog<'forward' | 'save' | 'cancel'>({ label: texts.shareImage, position: 'bottom', cancelValue: 'cancel' }, (finish) => [
    element('img', { class: 'share-image', src: URL.createObjectURL(file), alt: texts.image }),
    button(texts.forward, 'row', () => finish('forward')),
    button(texts.saveImage, 'row', () => finish('save')),
    element('div', { class: 'dialog-separator' }),
    button(texts.cancel, 'row', () => finish('cancel')),
  ]);
  if (choice === 'cancel') throw new ApiFailure('cancel');
  if (choice === 'save') saveToDownloads(file);
}

export const share = {
  showShareImageMenu: api('showShareImageMenu', showShareImageMenu),
  // The menu of the runner always contains the entries that the page has hooks for.
  showShareMenu: api('showShareMenu', () => {}),
  updateShareMenu: api('updateShareMenu', () => {}),
};
