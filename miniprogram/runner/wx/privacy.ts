/** The privacy gate: nothing private works until the person has agreed to the guidelines, once. */

import { ask, button, openDialog } from '../runtime/dialogs';
import { element } from '../runtime/elements';
import { words } from '../runtime/words';
import { api, Refusal } from './convention';

const KEY = 'runner:privacy-agreed';
const NOT_AUTHORIZED = 104;

type Resolve = (answer: { event: 'agree' | 'disagree' | 'exposureAuthorization'; buttonId?: string }) => void;
type Listener = (resolve: Resolve, info: { referrer: string }) => void;

let ownWindow: Listener | null = null;
let agreed = localStorage.getItem(KEY) === 'yes';
let question: Promise<boolean> | null = null;

/** Called by every API that touches something private. Questions that come together are asked once. */
export async function needPrivacyConsent(name: string): Promise<void> {
  if (agreed) return;
  question ??= askForConsent(name);
  const answer = await question;
  question = null;
  if (!answer) throw new Refusal('privacy permission is not authorized', NOT_AUTHORIZED);
  remember();
}

/** A press on `<button open-type="agreePrivacyAuthorization">`. */
export function agreeByButton(): void {
  remember();
}

function remember(): void {
  agreed = true;
  localStorage.setItem(KEY, 'yes');
}

function askForConsent(name: string): Promise<boolean> {
  if (!ownWindow) return askByPlatform();
  return new Promise((resolve) => {
    ownWindow?.((answer) => {
      if (answer.event !== 'exposureAuthorization') resolve(answer.event === 'agree');
    }, { referrer: name });
  });
}

function askByPlatform(): Promise<boolean> {
  const contract = button(`《${words.privacyContract}》`, 'link', showContract);
  return ask({ title: words.privacyTitle, text: words.privacyText, extra: contract, yes: words.agree, no: words.refuse });
}

function showContract(): void {
  const close = () => dialog.close();
  const dialog = openDialog(
    { label: words.privacyContract, place: 'everything', onCancel: close },
    element('div', { class: 'dialog-body' }, element('h2', {}, words.privacyContract), element('p', {}, words.contractText)),
    element('div', { class: 'dialog-answers' }, button(words.close, 'main', close)),
  );
}

export const privacy = {
  getPrivacySetting: api('getPrivacySetting', () => ({ needAuthorization: !agreed, privacyContractName: `《${words.privacyContract}》` })),
  requirePrivacyAuthorize: api('requirePrivacyAuthorize', () => needPrivacyConsent('requirePrivacyAuthorize')),
  openPrivacyContract: api('openPrivacyContract', showContract),
  onNeedPrivacyAuthorization: (listener: Listener) => {
    ownWindow = listener;
  },
};
