/** `<slider>`: a native range input, so that mouse, touch and keyboard work. */

import { builtIn } from '../platform/built-in';

export default builtIn({
  properties: {
    min: Number,
    max: { type: Number, value: 100 },
    step: { type: Number, value: 1 },
    value: Number,
    disabled: Boolean,
    showValue: Boolean,
    color: { type: String, value: '#e9e9e9' },
    selectedColor: { type: String, value: '#1aad19' },
    activeColor: { type: String, value: '#1aad19' },
    backgroundColor: { type: String, value: '#e9e9e9' },
    blockSize: { type: Number, value: 28 },
    blockColor: { type: String, value: '#ffffff' },
    name: String,
  },
  mount(host) {
    const { element } = host;
    const range = document.createElement('input');
    range.type = 'range';
    host.addControl(range);
    const valueLabel = document.createElement('span');
    element.append(valueLabel);
    const handle = (event: 'changing' | 'change') => {
      const value = Number(range.value);
      host.set({ value });
      host.fire(event, { value });
    };
    range.addEventListener('input', () => handle('changing'));
    range.addEventListener('change', () => handle('change'));
    return () => {
      const { min, max, step, value, disabled, showValue, activeColor, backgroundColor, blockSize, blockColor } = host.values;
      Object.assign(range, { min: String(min), max: String(max), step: String(step), disabled });
      range.value = String(value);
      valueLabel.textContent = showValue ? String(value) : '';
      element.style.setProperty('--active-color', activeColor);
      element.style.setProperty('--track-color', backgroundColor);
      element.style.setProperty('--thumb-size', `${blockSize}px`);
      element.style.setProperty('--thumb-color', blockColor);
      element.style.setProperty('--filled', `${max > min ? ((value - min) / (max - min)) * 100 : 0}%`);
    };
  },
});
