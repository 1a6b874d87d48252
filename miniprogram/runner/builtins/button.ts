/** `<button>`, with the open types that this mini program uses: share, agreePrivacyAuthorization, openSetting. */

import { builtIn, reflect } from '../runtime/built-in';
import { hover, hoverProperties } from '../runtime/hover';
import { shareWithFriend } from '../runtime/menu';
import { phone } from '../runtime/phone';
import { openSettings } from '../wx/permissions';
import { agreeByButton } from '../wx/privacy';

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
    hover(host);
    if (!element.hasAttribute('role')) element.setAttribute('role', 'button');
    component.addListener('tap', () => {
      const { openType } = host.values;
      if (openType === 'share') void shareWithFriend(phone.navigation.top, { from: 'button', target: component });
      if (openType === 'openSetting') void openSettings().then((result) => host.fire('opensetting', result));
      if (openType === 'agreePrivacyAuthorization') {
        agreeByButton();
        host.fire('agreeprivacyauthorization', { errMsg: 'agreePrivacyAuthorization:ok' });
      }
    });
    return () => {
      const { size, type, plain, disabled, loading, hidden } = host.values;
      element.setAttribute('size', size);
      element.setAttribute('type', type);
      element.setAttribute('tabindex', disabled ? '-1' : '0');
      element.setAttribute('aria-disabled', String(disabled));
      reflect(element, 'plain', plain);
      reflect(element, 'disabled', disabled);
      reflect(element, 'loading', loading);
      reflect(element, 'hidden', hidden);
    };
  },
});
