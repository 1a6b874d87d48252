/** `<text>`: words in a line, which can be selected only where the WXML says so. */

import { builtIn, reflect } from '../runtime/built-in';

export default builtIn({
  properties: { selectable: Boolean, userSelect: Boolean, space: String, decode: Boolean, overflow: String, maxLines: Number, hidden: Boolean },
  mount(host) {
    return () => {
      const { selectable, userSelect, hidden } = host.values;
      reflect(host.element, 'user-select', selectable || userSelect);
      reflect(host.element, 'hidden', hidden);
    };
  },
});
