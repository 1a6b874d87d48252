/** The platform's dialogs and toasts, drawn inside the device with roles that people and tests can find. */

import { recordTap } from '../state/recent-tap';
import { texts } from '../state/texts';
import { byId, element } from './dom';

const TOAST_MS = 1500;

type DialogContent = (Node | null)[];

interface Dialog {
  element: HTMLElement;
  close(): void;
}

interface DialogOptions {
  label: string;
  position: 'center' | 'bottom' | 'fullscreen';
  /** Runs on Escape and on a press outside of the dialog. */
  onCancel?(): void;
}

export function openDialog({ label, position, onCancel }: DialogOptions, ...content: DialogContent): Dialog {
  const dialog = element('div', { class: `dialog dialog--${position}`, role: 'dialog', 'aria-modal': true, 'aria-label': label, tabIndex: -1 });
  dialog.append(...content.filter((node) => node !== null));
  const overlay = element('div', { class: 'dialog-overlay' }, dialog);
  const previousFocus = document.activeElement as HTMLElement | null;
  const close = () => {
    overlay.remove();
    previousFocus?.focus({ preventScroll: true });
  };
  // In WeChat, a press in a dialog of the platform counts as a tap by the user.
  overlay.addEventListener('click', recordTap, { capture: true });
  overlay.addEventListener('click', (event) => event.target === overlay && onCancel?.());
  overlay.addEventListener('keydown', (event) => event.key === 'Escape' && onCancel?.());
  byId('dialogs').append(overlay);
  dialog.focus({ preventScroll: true });
  return { element: dialog, close };
}

/**
 * Opens a dialog and resolves with the value that one of its controls passes to `finish`.
 * With `cancelValue`, Escape and a press outside of the dialog finish with that value.
 */
export function askInDialog<T>(
  { cancelValue, ...options }: { label: string; position: DialogOptions['position']; cancelValue?: T },
  content: (finish: (value: T) => void) => DialogContent,
): Promise<T> {
  return new Promise((resolve) => {
    const finish = (value: T) => {
      dialog.close();
      resolve(value);
    };
    const cancel = cancelValue === undefined ? {} : { onCancel: () => finish(cancelValue) };
    const dialog = openDialog({ ...options, ...cancel }, ...content(finish));
  });
}

export function button(text: string, kind: 'primary' | 'secondary' | 'row' | 'link', onclick: () => void): HTMLButtonElement {
  return element('button', { class: `dialog-button dialog-button--${kind}`, onclick }, text);
}

/** Asks a question with one or two answers. Resolves with true for the confirming one. */
export function confirmDialog(options: {
  title: string;
  text?: string;
  confirmText: string;
  cancelText?: string | null;
  confirmColor?: string | undefined;
  content?: Node;
}): Promise<boolean> {
  return askInDialog({ label: options.title || options.text || '', position: 'center' }, (finish) => {
    const confirm = button(options.confirmText, 'primary', () => finish(true));
    if (options.confirmColor) confirm.style.color = options.confirmColor;
    return [
      element(
        'div',
        { class: 'dialog-body' },
        options.title ? element('h2', {}, options.title) : null,
        options.text ? element('p', {}, options.text) : null,
        options.content ?? null,
      ),
      element('div', { class: 'dialog-actions' }, options.cancelText ? button(options.cancelText, 'secondary', () => finish(false)) : null, confirm),
    ];
  });
}

/** Shows a list of choices. Resolves with the index of the chosen item, or null if the user cancels. */
export function chooseFromList(label: string, items: string[], itemColor?: string): Promise<number | null> {
  return askInDialog<number | null>({ label, position: 'bottom', cancelValue: null }, (finish) => {
    const rows = items.map((item, index) => {
      const row = button(item, 'row', () => finish(index));
      if (itemColor) row.style.color = itemColor;
      return row;
    });
    return [...rows, element('div', { class: 'dialog-separator' }), button(texts.cancel, 'row', () => finish(null))];
  });
}

interface ToastOptions {
  /** How long the toast stays; null until `hideToast` is called. */
  milliseconds?: number | null;
  /** Whether the toast blocks touches. */
  mask?: boolean;
  /** An image path that replaces the icon. */
  image?: string | undefined;
}

let toast: HTMLElement | null = null;
let toastTimer: ReturnType<typeof setTimeout> | undefined;

/** Shows a toast in the middle of the screen. It replaces the previous toast or loading indicator. */
export function showToast(text: string, icon: string, { milliseconds = TOAST_MS, mask = false, image }: ToastOptions = {}): void {
  hideToast();
  toast = element(
    'div',
    { class: `toast-overlay${mask ? ' toast-overlay--mask' : ''}` },
    element(
      'div',
      { class: 'toast', role: 'alert' },
      image ? element('img', { src: image, alt: '' }) : icon === 'none' ? null : element('i', { class: `toast-icon toast-icon--${icon}` }),
      element('span', {}, text),
    ),
  );
  byId('dialogs').append(toast);
  if (milliseconds !== null) toastTimer = setTimeout(hideToast, milliseconds);
}

export function hideToast(): void {
  clearTimeout(toastTimer);
  toast?.remove();
  toast = null;
}
