/** Whether the mini program is in the foreground. A hidden browser tab counts as an app in the background. */

import { launchOptions, type LaunchOptions } from './launch';

type Listener<T> = (value: T) => void;

export const showListeners = new Set<Listener<LaunchOptions>>();
export const hideListeners = new Set<Listener<undefined>>();

let isInForeground = true;

export function showApp(): void {
  if (isInForeground) return;
  isInForeground = true;
  for (const listener of [...showListeners]) listener(launchOptions());
}

export function hideApp(): void {
  if (!isInForeground) return;
  isInForeground = false;
  for (const listener of [...hideListeners]) listener(undefined);
}

/** Follows the visibility of the browser tab. */
export function watchVisibility(): void {
  document.addEventListener('visibilitychange', () => (document.visibilityState === 'hidden' ? hideApp() : showApp()));
}
