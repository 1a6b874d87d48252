/** `<navigator>`: a link to another page. */

import { builtIn } from '../runtime/built-in';
import { hover, hoverProperties } from '../runtime/hover';
import { phone } from '../runtime/phone';

export default builtIn({
  properties: {
    ...hoverProperties,
    hoverClass: { type: String, value: 'none' },
    url: String,
    openType: { type: String, value: 'navigate' },
    delta: { type: Number, value: 1 },
    target: { type: String, value: 'self' },
    hidden: Boolean,
  },
  mount(host) {
    const { element, component } = host;
    hover(host);
    element.setAttribute('tabindex', '0');
    if (!element.hasAttribute('role')) element.setAttribute('role', 'link');
    component.addListener('tap', () => {
      const { url, openType, delta } = host.values;
      const { navigation } = phone;
      if (openType === 'navigate') navigation.navigateTo(url);
      else if (openType === 'redirect') navigation.redirectTo(url);
      else if (openType === 'switchTab') navigation.switchTab(url);
      else if (openType === 'reLaunch') navigation.reLaunch(url);
      else if (openType === 'navigateBack') navigation.navigateBack(delta);
    });
    return () => element.toggleAttribute('hidden', host.values.hidden);
  },
});
