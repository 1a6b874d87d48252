/** `<input>`: a text field with one line. */

import { builtIn } from '../platform/built-in';
import { connectTextField, textFieldProperties } from '../platform/text-field';

const INPUT_MODES: Record<string, string> = { number: 'numeric', digit: 'decimal', idcard: 'text' };

export default builtIn({
  properties: {
    ...textFieldProperties,
    type: { type: String, value: 'text' },
    password: Boolean,
    confirmType: { type: String, value: 'done' },
  },
  mount(host) {
    const field = host.addControl(document.createElement('input'));
    const update = connectTextField(host, field);
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.isComposing) host.fire('confirm', { value: field.value });
    });
    return () => {
      const { type, password, confirmType, hidden } = host.values;
      field.type = password ? 'password' : 'text';
      field.inputMode = INPUT_MODES[type] ?? 'text';
      field.enterKeyHint = confirmType === 'return' ? 'enter' : confirmType;
      host.element.toggleAttribute('hidden', hidden);
      update();
    };
  },
});
