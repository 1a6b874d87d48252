/** `<root-portal>`: its content stands as if it were fixed to the page, whatever is around it. */

import { builtIn, reflect } from '../runtime/built-in';

export default builtIn({
  properties: { enable: { type: Boolean, value: true } },
  mount(host) {
    return () => reflect(host.element, 'enabled', host.values.enable);
  },
});
