/** Toasts, questions and lists of the platform. */

import { ask, choose, hideToast, showToast } from '../runtime/dialogs';
import { element } from '../runtime/elements';
import { words } from '../runtime/words';
import { api, Refusal } from './convention';

const TOAST_MS = 1500;

interface Toast {
  title: string;
  icon?: string;
  image?: string;
  duration?: number;
  mask?: boolean;
}

interface Modal {
  title?: string;
  content?: string;
  showCancel?: boolean;
  cancelText?: string;
  confirmText?: string;
  confirmColor?: string;
  editable?: boolean;
  placeholderText?: string;
}

async function showModal(options: Modal) {
  const { title = '', content = '', showCancel = true, editable = false } = options;
  const field = element('input', { class: 'dialog-field', value: content, placeholder: options.placeholderText ?? '' });
  field.setAttribute('aria-label', title);
  const confirm = await ask({
    title,
    ...(editable ? { extra: field } : { text: content }),
    yes: options.confirmText ?? words.ok,
    yesColor: options.confirmColor,
    no: showCancel ? (options.cancelText ?? words.cancel) : null,
  });
  return { confirm, cancel: !confirm, ...(editable && confirm ? { content: field.value } : {}) };
}

async function showActionSheet({ itemList, itemColor, alertText = '' }: { itemList: string[]; itemColor?: string; alertText?: string }) {
  const tapIndex = await choose(alertText || itemList.join(', '), itemList, itemColor);
  if (tapIndex === null) throw new Refusal('cancel');
  return { tapIndex };
}

export const windows = {
  showToast: api('showToast', ({ title, icon = 'success', image, duration = TOAST_MS, mask = false }: Toast) =>
    showToast(title, icon, { milliseconds: duration, mask, image }),
  ),
  hideToast: api('hideToast', hideToast),
  showLoading: api('showLoading', ({ title, mask = false }: Toast) => showToast(title, 'loading', { milliseconds: null, mask })),
  hideLoading: api('hideLoading', hideToast),
  showModal: api('showModal', showModal),
  showActionSheet: api('showActionSheet', showActionSheet),
};
