/** Asks for consent to the privacy guidelines, which APIs that use personal data require. */

import { ApiFailure } from '../state/api-failure';
import { givePrivacyConsent, hasPrivacyConsent } from '../state/privacy-consent';
import { texts } from '../state/texts';
import { button, confirmDialog, openDialog } from './dialogs';
import { element } from './dom';

const ERRNO_NOT_AUTHORIZED = 104;
export const privacyContractName = `《${texts.privacyContract}》`;

type Resolve = (answer: { event: 'agree' | 'disagree' | 'exposureAuthorization'; buttonId?: string }) => void;
export type PrivacyListener = (resolve: Resolve, info: { referrer: string }) => void;

let customDialog: PrivacyListener | null = null;
let pendingAnswer: Promise<boolean> | null = null;

/** Makes the mini program ask for consent itself, instead of the platform. */
export function setPrivacyListener(listener: PrivacyListener): void {
  customDialog = listener;
}

/** Asks for consent if it was not given yet. Simultaneous calls share one dialog. Throws an `ApiFailure` if the user declines. */
export async function requirePrivacyConsent(apiName: string): Promise<void> {
  if (hasPrivacyConsent()) return;
  pendingAnswer ??= customDialog ? askByMiniProgram(customDialog, apiName) : askByPlatform();
  const isGiven = await pendingAnswer;
  pendingAnswer = null;
  if (!isGiven) throw new ApiFailure('privacy permission is not authorized', ERRNO_NOT_AUTHORIZED);
  givePrivacyConsent();
}

function askByMiniProgram(listener: PrivacyListener, apiName: string): Promise<boolean> {
  return new Promise((resolve) => {
    listener((answer) => {
      if (answer.event !== 'exposureAuthorization') resolve(answer.event === 'agree');
    }, { referrer: apiName });
  });
}

function askByPlatform(): Promise<boolean> {
  const contract = button(privacyContractName, 'link', openPrivacyContract);
  return confirmDialog({ title: texts.privacyTitle, text: texts.privacyText, content: contract, confirmText: texts.agree, cancelText: texts.decline });
}

export function openPrivacyContract(): void {
  const close = () => dialog.close();
  const dialog = openDialog(
    { label: texts.privacyContract, position: 'fullscreen', onCancel: close },
    element('div', { class: 'dialog-body' }, element('h2', {}, texts.privacyContract), element('p', {}, texts.privacyContractText)),
    element('div', { class: 'dialog-actions' }, button(texts.close, 'primary', close)),
  );
}
