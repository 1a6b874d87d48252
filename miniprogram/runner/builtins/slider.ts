/** `<slider>`: the browser's own range, so that mouse, finger and keys all work it. */

import { builtIn } from '../runtime/built-in';

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
    host.control(range);
    const shownValue = document.createElement('span');
    element.append(shownValue);
    const take = (event: 'changing' | 'change') => {
      const value = Number(range.value);
      host.set({ value });
      host.fire(event, { value });
    };
    range.addEventListener('input', () => take('changing'));
    range.addEventListener('change', () => take('change'));
    return () => {
      const { min, max, step, value, disabled, showValue, activeColor, backgroundColor, blockSize, blockColor } = host.values;
      Object.assign(range, { min: String(min), max: String(max), step: String(step), disabled });
      range.value = String(value);
      shownValue.textContent = showValue ? String(value) : '';
      element.style.setProperty('--active', activeColor);
      element.style.setProperty('--rail', backgroundColor);
      element.style.setProperty('--block', `${blockSize}px`);
      element.style.setProperty('--block-ground', blockColor);
      element.style.setProperty('--share', `${max > min ? ((value - min) / (max - min)) * 100 : 0}%`);
    };
  },
});
