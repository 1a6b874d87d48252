/**
 * Shows the current page in the browser's address (`#/pages/job/job?id=…`). This makes pages linkable,
 * and the browser's Back button navigates back in the mini program.
 */

import { pageUrlInAddress } from '../state/page-url';
import { pageStack } from './page-stack';

// The browser history holds at most two entries of the runner. The second one exists so that Back can be intercepted.
const BASE_ENTRY = { runner: 'base' };
const BACK_ENTRY = { runner: 'back' };

type HistoryState = typeof BASE_ENTRY | null;

let isOnBackEntry = false;

export function watchHistory(): void {
  history.replaceState(BASE_ENTRY, '');
  window.addEventListener('popstate', (event) => handlePopState(event.state as HistoryState));
}

/** Call after every change of the page stack. */
export function updateAddress(): void {
  const hash = `#${pageStack.top.url}`;
  if (pageStack.pages.length > 1 && !isOnBackEntry) {
    isOnBackEntry = true;
    history.pushState(BACK_ENTRY, '', hash);
  } else {
    history.replaceState(isOnBackEntry ? BACK_ENTRY : BASE_ENTRY, '', hash);
  }
}

function handlePopState(state: HistoryState): void {
  if (state?.runner === BACK_ENTRY.runner) {
    isOnBackEntry = true;
    updateAddress();
  } else if (state?.runner === BASE_ENTRY.runner) {
    isOnBackEntry = false;
    if (pageStack.pages.length > 1) pageStack.navigateBack();
    else history.back();
  } else {
    // The user typed another address or followed a link.
    isOnBackEntry = false;
    const url = pageUrlInAddress();
    if (url) pageStack.reLaunch(url);
  }
}
