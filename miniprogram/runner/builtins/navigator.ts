/** `<navigator>`: a link to another page. */

import { builtIn } from '../platform/built-in';
import { enableHover, hoverProperties } from '../platform/hover';
import { pageStack } from '../platform/page-stack';

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
    enableHover(host);
    element.setAttribute('tabindex', '0');
    if (!element.hasAttribute('role')) element.setAttribute('role', 'link');
    component.addListener('tap', () => {
      const { url, openType, delta } = host.values;
      if (openType === 'navigate') pageStack.navigateTo(url);
      else if (openType === 'redirect') pageStack.redirectTo(url);
      else if (openType === 'switchTab') pageStack.switchTab(url);
      else if (openType === 'reLaunch') pageStack.reLaunch(url);
      else if (openType === 'navigateBack') pageStack.navigateBack(delta);
    });
    return () => void element.toggleAttribute('hidden', host.values.hidden);
  },
});
