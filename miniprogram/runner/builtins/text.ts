/** `<text>`: inline text. It can be selected only if the WXML allows it. */

import { builtIn } from '../platform/built-in';

export default builtIn({
  properties: { selectable: Boolean, userSelect: Boolean, space: String, decode: Boolean, overflow: String, maxLines: Number, hidden: Boolean },
  mount(host) {
    return () => {
      const { selectable, userSelect, hidden } = host.values;
      host.element.toggleAttribute('user-select', selectable || userSelect);
      host.element.toggleAttribute('hidden', hidden);
    };
  },
});
