/** Copies text to the clipboard. */

import { texts } from '../state/texts';
import { showToast } from './dialogs';

/** Copies the text and shows a toast. A browser may refuse, for instance without HTTPS; `onRefused` runs in that case. */
export async function copyToClipboard(text: string, onRefused: () => void = () => {}): Promise<void> {
  await navigator.clipboard?.writeText(text).catch(onRefused);
  showToast(texts.copied, 'success');
}
