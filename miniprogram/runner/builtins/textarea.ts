/** `<textarea>`: several lines of text. */

import { builtIn, reflect } from '../runtime/built-in';
import { textField, textFieldProperties } from '../runtime/text-field';

export default builtIn({
  properties: {
    ...textFieldProperties,
    autoHeight: Boolean,
    fixed: Boolean,
    showConfirmBar: { type: Boolean, value: true },
    disableDefaultPadding: Boolean,
    confirmType: { type: String, value: 'return' },
  },
  mount(host) {
    const field = host.control(document.createElement('textarea'));
    const update = textField(host, field);
    const fit = () => {
      if (!host.values.autoHeight) return;
      host.element.style.height = 'auto';
      field.style.height = 'auto';
      field.style.height = `${field.scrollHeight}px`;
    };
    field.addEventListener('input', fit);
    return () => {
      reflect(host.element, 'hidden', host.values.hidden);
      update();
      fit();
    };
  },
});
