/** The platform's own windows over the mini program, drawn inside the phone with roles that people and tests can find. */

import { byId, element } from './elements';
import { noteTap } from './taps';
import { words } from './words';

export interface Dialog {
  element: HTMLElement;
  close(): void;
}

interface Look {
  label: string;
  /** Where it stands: in the middle, at the bottom edge, or over everything. */
  place: 'middle' | 'bottom' | 'everything';
  /** What a press beside it, or Escape, does; nothing if it is left out. */
  onCancel?(): void;
}

export function openDialog({ label, place, onCancel }: Look, ...content: (Node | null)[]): Dialog {
  const box = element('div', { class: `dialog dialog--${place}`, role: 'dialog', 'aria-modal': true, 'aria-label': label, tabIndex: -1 });
  box.append(...content.filter((node) => node !== null));
  const veil = element('div', { class: 'veil' }, box);
  const before = document.activeElement as HTMLElement | null;
  const close = () => {
    veil.remove();
    before?.focus({ preventScroll: true });
  };
  // In WeChat a press in the platform's windows counts as a tap of the person.
  veil.addEventListener('click', noteTap, { capture: true });
  veil.addEventListener('click', (event) => event.target === veil && onCancel?.());
  veil.addEventListener('keydown', (event) => event.key === 'Escape' && onCancel?.());
  byId('dialogs').append(veil);
  box.focus({ preventScroll: true });
  return { element: box, close };
}

export function button(text: string, kind: 'main' | 'quiet' | 'row' | 'link', onclick: () => void): HTMLButtonElement {
  return element('button', { class: `dialog-button dialog-button--${kind}`, onclick }, text);
}

/** A question with up to two answers; resolves with true for the main one. */
export function ask(options: {
  title: string;
  text?: string;
  yes: string;
  no?: string | null;
  yesColor?: string | undefined;
  extra?: Node;
}): Promise<boolean> {
  return new Promise((resolve) => {
    const answer = (value: boolean) => {
      dialog.close();
      resolve(value);
    };
    const yes = button(options.yes, 'main', () => answer(true));
    if (options.yesColor) yes.style.color = options.yesColor;
    const dialog = openDialog(
      { label: options.title || options.text || '', place: 'middle' },
      element(
        'div',
        { class: 'dialog-body' },
        options.title ? element('h2', {}, options.title) : null,
        options.text ? element('p', {}, options.text) : null,
        options.extra ?? null,
      ),
      element('div', { class: 'dialog-answers' }, options.no ? button(options.no, 'quiet', () => answer(false)) : null, yes),
    );
  });
}

/** A list to choose from; resolves with the index, or null if the person called it off. */
export function choose(label: string, items: string[], itemColor?: string): Promise<number | null> {
  return new Promise((resolve) => {
    const answer = (index: number | null) => {
      dialog.close();
      resolve(index);
    };
    const rows = items.map((item, index) => {
      const row = button(item, 'row', () => answer(index));
      if (itemColor) row.style.color = itemColor;
      return row;
    });
    const cancel = () => answer(null);
    const dialog = openDialog({ label, place: 'bottom', onCancel: cancel }, ...rows, element('div', { class: 'dialog-gap' }), button(words.cancel, 'row', cancel));
  });
}

let toast: HTMLElement | null = null;
let toastTimer: ReturnType<typeof setTimeout> | undefined;

/** A passing word in the middle of the phone. There is one at a time, and a loading sign counts as one. */
export function showToast(text: string, icon: string, options: { milliseconds: number | null; mask: boolean; image?: string | undefined }): void {
  hideToast();
  toast = element(
    'div',
    { class: `toast-veil${options.mask ? ' toast-veil--mask' : ''}` },
    element(
      'div',
      { class: 'toast', role: 'alert' },
      options.image ? element('img', { src: options.image, alt: '' }) : icon === 'none' ? null : element('i', { class: `toast-icon toast-icon--${icon}` }),
      element('span', {}, text),
    ),
  );
  byId('dialogs').append(toast);
  if (options.milliseconds !== null) toastTimer = setTimeout(hideToast, options.milliseconds);
}

export function hideToast(): void {
  clearTimeout(toastTimer);
  toast?.remove();
  toast = null;
}
