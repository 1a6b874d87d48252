/** Consent to the privacy guidelines. */

import { openPrivacyContract, privacyContractName, requirePrivacyConsent, setPrivacyListener } from '../platform/privacy-dialogs';
import { hasPrivacyConsent } from '../state/privacy-consent';
import { api } from './api';

export const privacy = {
  getPrivacySetting: api('getPrivacySetting', () => ({ needAuthorization: !hasPrivacyConsent(), privacyContractName })),
  requirePrivacyAuthorize: api('requirePrivacyAuthorize', () => requirePrivacyConsent('requirePrivacyAuthorize')),
  openPrivacyContract: api('openPrivacyContract', openPrivacyContract),
  onNeedPrivacyAuthorization: setPrivacyListener,
};
