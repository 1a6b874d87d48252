/** `<textarea>`: a text field with several lines. */

import { builtIn } from '../platform/built-in';
import { connectTextField, textFieldProperties } from '../platform/text-field';

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
    const field = host.addControl(document.createElement('textarea'));
    const update = connectTextField(host, field);
    const fitHeight = () => {
      if (!host.values.autoHeight) return;
      host.element.style.height = 'auto';
      field.style.height = 'auto';
      field.style.height = `${field.scrollHeight}px`;
    };
    field.addEventListener('input', fitHeight);
    return () => {
      host.element.toggleAttribute('hidden', host.values.hidden);
      update();
      fitHeight();
    };
  },
});
