/** `<button>` with the open types `share`, `openSetting` and `agreePrivacyAuthorization`. */

import { builtIn } from '../platform/built-in';
import { enableHover, hoverProperties } from '../platform/hover';
import { shareWithFriend } from '../platform/menu';
import { pageStack } from '../platform/page-stack';
import { openPermissionSettings } from '../platform/permission-dialogs';
import { givePrivacyConsent } from '../state/privacy-consent';

export default builtIn({
  properties: {
    ...hoverProperties,
    size: { type: String, value: 'default' },
    type: { type: String, value: 'default' },
    plain: Boolean,
    disabled: Boolean,
    loading: Boolean,
    formType: String,
    openType: String,
    lang: String,
    hidden: Boolean,
  },
  mount(host) {
    const { element, component } = host;
    enableHover(host);
    if (!element.hasAttribute('role')) element.setAttribute('role', 'button');
    component.addListener('tap', () => {
      const { openType } = host.values;
      if (openType === 'share') void shareWithFriend(pageStack.top, { from: 'button', target: component });
      if (openType === 'openSetting') void openPermissionSettings().then((result) => host.fire('opensetting', result));
      if (openType === 'agreePrivacyAuthorization') {
        givePrivacyConsent();
        host.fire('agreeprivacyauthorization', { errMsg: 'agreePrivacyAuthorization:ok' });
      }
    });
    return () => {
      const { size, type, plain, disabled, loading, hidden } = host.values;
      element.setAttribute('size', size);
      element.setAttribute('type', type);
      element.setAttribute('tabindex', disabled ? '-1' : '0');
      element.setAttribute('aria-disabled', String(disabled));
      element.toggleAttribute('plain', plain);
      element.toggleAttribute('disabled', disabled);
      element.toggleAttribute('loading', loading);
      element.toggleAttribute('hidden', hidden);
    };
  },
});
