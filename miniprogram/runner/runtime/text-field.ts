/** What `<input>` and `<textarea>` have in common: value, limits, focus and their events. */

import { inBrowserUnits } from './backend';
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

/** Connects the browser's field; what it returns brings the field up to date with the properties. */
export function textField(host: Host<typeof textFieldProperties>, field: HTMLInputElement | HTMLTextAreaElement): () => void {
  let focusAsked = false;
  field.addEventListener('input', () => {
    const { value } = field;
    host.set({ value });
    host.fire('input', { value, cursor: field.selectionStart ?? value.length }, (returned) => {
      // A handler may answer with the text that shall stand there instead.
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
    const colour = /(?:^|;)\s*color:\s*([^;]+)/.exec(inBrowserUnits(placeholderStyle))?.[1];
    if (colour) field.style.setProperty('--placeholder', colour);
    const wanted = focus || autoFocus;
    if (wanted && !focusAsked) setTimeout(() => field.focus());
    if (!wanted && focusAsked) field.blur();
    focusAsked = wanted;
  };
}
