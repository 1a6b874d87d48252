/** Sharing a picture, and what the menu may offer. */

import { button, openDialog } from '../runtime/dialogs';
import { element } from '../runtime/elements';
import { words } from '../runtime/words';
import { api, Refusal } from './convention';
import { readFile } from './files';
import { download } from './media';

async function showShareImageMenu({ path }: { path: string }) {
  if (path.startsWith('http')) throw new Refusal('file not found');
  const file = await readFile(path);
  return new Promise<void>((resolve, reject) => {
    const close = (finish: () => void) => () => {
      dialog.close();
      finish();
    };
    const cancel = close(() => reject(new Refusal('cancel')));
    const dialog = openDialog(
      { label: words.shareImage, place: 'bottom', onCancel: cancel },
      element('img', { class: 'share-picture', src: URL.createObjectURL(file), alt: words.picture }),
      button(words.forward, 'row', close(resolve)),
      button(words.saveImage, 'row', close(() => (download(file), resolve()))),
      element('div', { class: 'dialog-gap' }),
      button(words.cancel, 'row', cancel),
    );
  });
}


export const share = {
  showShareImageMenu: api('showShareImageMenu', showShareImageMenu),
  // The menu of the runner always offers what the page has hooks for.
  showShareMenu: api('showShareMenu', () => {}),
  updateShareMenu: api('updateShareMenu', () => {}),
};
