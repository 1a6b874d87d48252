/** `<root-portal>`: takes its content out of the layout of its ancestors, so that fixed content is relative to the page. */

import { builtIn } from '../platform/built-in';

export default builtIn({
  properties: { enable: { type: Boolean, value: true } },
  mount(host) {
    return () => void host.element.toggleAttribute('enabled', host.values.enable);
  },
});
