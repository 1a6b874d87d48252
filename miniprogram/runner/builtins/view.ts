/** `<view>`: a block element. */

import { builtIn } from '../platform/built-in';
import { enableHover, hoverProperties } from '../platform/hover';

export default builtIn({
  properties: { ...hoverProperties, hidden: Boolean, animation: null },
  mount(host) {
    enableHover(host);
    return () => void host.element.toggleAttribute('hidden', host.values.hidden);
  },
});
