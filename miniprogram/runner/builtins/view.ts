/** `<view>`: a box. */

import { builtIn, reflect } from '../runtime/built-in';
import { hover, hoverProperties } from '../runtime/hover';

export default builtIn({
  properties: { ...hoverProperties, hidden: Boolean, animation: null },
  mount(host) {
    hover(host);
    return () => reflect(host.element, 'hidden', host.values.hidden);
  },
});
