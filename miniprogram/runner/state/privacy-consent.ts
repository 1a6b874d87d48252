/** Whether the user has agreed to the privacy guidelines of the mini program. */

const STORAGE_KEY = 'runner:privacy-agreed';

let isGiven = localStorage.getItem(STORAGE_KEY) === 'yes';

export function hasPrivacyConsent(): boolean {
  return isGiven;
}

export function givePrivacyConsent(): void {
  isGiven = true;
  localStorage.setItem(STORAGE_KEY, 'yes');
}
