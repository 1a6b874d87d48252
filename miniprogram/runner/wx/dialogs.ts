/** Toasts, modal dialogs and action sheets. */

import { chooseFromList, confirmDialog, hideToast, showToast } from '../platform/dialogs';
import { element } from '../platform/dom';
import { ApiFailure } from '../state/api-failure';
import { texts } from '../state/texts';
import { api } from './api';

interface ToastOptions {
  title: string;
  icon?: string;
  image?: string;
  duration?: number;
  mask?: boolean;
}

interface ModalOptions {
  title?: string;
  content?: string;
  showCancel?: boolean;
  cancelText?: string;
  confirmText?: string;
  confirmColor?: string;
  editable?: boolean;
  placeholderText?: string;
}

async function showModal(options: ModalOptions) {
  const { title = '', content = '', showCancel = true, editable = false } = options;
  const field = element('input', { class: 'dialog-field', value: content, placeholder: options.placeholderText ?? '' });
  field.setAttribute('aria-label', title);
  const confirm = await confirmDialog({
    title,
    ...(editable ? { content: field } : { text: content }),
    confirmText: options.confirmText ?? texts.ok,
    confirmColor: options.confirmColor,
    cancelText: showCancel ? (options.cancelText ?? texts.cancel) : null,
  });
  return { confirm, cancel: !confirm, ...(editable && confirm ? { content: field.value } : {}) };
}

async function showActionSheet({ itemList, itemColor, alertText = '' }: { itemList: string[]; itemColor?: string; alertText?: string }) {
  const tapIndex = await chooseFromList(alertText || itemList.join(', '), itemList, itemColor);
  if (tapIndex === null) throw new ApiFailure('cancel');
  return { tapIndex };
}

export const dialogs = {
  showToast: api('showToast', ({ title, icon = 'success', image, duration, mask }: ToastOptions) =>
    showToast(title, icon, { milliseconds: duration, mask, image }),
  ),
  hideToast: api('hideToast', hideToast),
  showLoading: api('showLoading', ({ title, mask }: ToastOptions) => showToast(title, 'loading', { milliseconds: null, mask })),
  hideLoading: api('hideLoading', hideToast),
  showModal: api('showModal', showModal),
  showActionSheet: api('showActionSheet', showActionSheet),
};
