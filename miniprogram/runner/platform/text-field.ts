/** What `<input>` and `<textarea>` share: value, limits, focus and events. */

import { convertRpx } from './backend';
import type { Host } from './built-in';

export const textFieldProperties = {
  value: String,
  name: String,
  placeholder: String,
  placeholderStyle: String,
  placeholderClass: { type: String, value: '' },
  disabled: Boolean,
  maxlength: { type: Number, value: 140 },
  focus: Boolean,
  autoFocus: Boolean,
  cursorSpacing: Number,
  cursor: { type: Number, value: -1 },
  selectionStart: { type: Number, value: -1 },
  selectionEnd: { type: Number, value: -1 },
  adjustPosition: { type: Boolean, value: true },
  holdKeyboard: Boolean,
  confirmHold: Boolean,
  alwaysEmbed: Boolean,
  hidden: Boolean,
} as const;

/** Connects the native field. The returned function applies the properties to it. */
export function connectTextField(host: Host<typeof textFieldProperties>, field: HTMLInputElement | HTMLTextAreaElement): () => void {
  let hadFocus = false;
  field.addEventListener('input', () => {
    const { value } = field;
    host.set({ value });
    host.fire('input', { value, cursor: field.selectionStart ?? value.length }, (returned) => {
      // A handler may return the text that replaces the input.
      if (typeof returned === 'string') host.set({ value: returned });
    });
  });
  field.addEventListener('focus', () => host.fire('focus', { value: field.value, height: 0 }));
  field.addEventListener('blur', () => host.fire('blur', { value: field.value, cursor: field.selectionStart ?? 0 }));
  return () => {
    const { value, placeholder, placeholderStyle, disabled, maxlength, focus, autoFocus } = host.values;
    if (field.value !== value) field.value = value;
    field.placeholder = placeholder;
    field.disabled = disabled;
    if (maxlength >= 0) field.maxLength = maxlength;
    else field.removeAttribute('maxlength');
    const color = /(?:^|;)\s*color:\s*([^;]+)/.exec(convertRpx(placeholderStyle))?.[1];
    if (color) field.style.setProperty('--placeholder', color);
    const hasFocus = focus || autoFocus;
    if (hasFocus && !hadFocus) setTimeout(() => field.focus());
    if (!hasFocus && hadFocus) field.blur();
    hadFocus = hasFocus;
  };
}
