/** `<switch>`: a native checkbox with the role `switch`. */

import { builtIn } from '../platform/built-in';

export default builtIn({
  properties: {
    checked: Boolean,
    disabled: Boolean,
    type: { type: String, value: 'switch' },
    color: { type: String, value: '#04be02' },
    name: String,
  },
  mount(host) {
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.setAttribute('role', 'switch');
    host.addControl(box);
    box.addEventListener('change', () => {
      host.set({ checked: box.checked });
      host.fire('change', { value: box.checked });
    });
    return () => {
      const { checked, disabled, color } = host.values;
      box.checked = checked;
      box.disabled = disabled;
      host.element.style.setProperty('--on-color', color);
    };
  },
});
