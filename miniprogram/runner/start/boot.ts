/** Starts the runner: error log, device frame, platform, mini program, first page. index.html loads this after app.js. */

import { updateAddress, watchHistory } from '../platform/address-bar';
import { patchElements } from '../platform/backend';
import { renderBars } from '../platform/bars';
import { renderDeviceFrame } from '../platform/device-frame';
import { byId, element } from '../platform/dom';
import { watchAnimations } from '../platform/events';
import { watchGestures } from '../platform/gestures';
import { pageStack } from '../platform/page-stack';
import { hideListeners, showListeners, watchVisibility } from '../state/app-visibility';
import { callHook, errorListeners, rejectionListeners, reportUncaughtError, watchErrors } from '../state/error-log';
import { isSinglePageMode, launchOptions, readLaunchOptions } from '../state/launch';
import { appObject, isTabPage } from '../state/mini-program';
import { pageUrlInAddress } from '../state/page-url';
import { texts } from '../state/texts';
import { themeListeners, watchTheme } from '../state/theme';
import { createWx } from '../wx';
import { watchNetwork } from '../wx/device';
import { interruptInBackground } from '../wx/network';
import { loadMiniProgram } from './load-mini-program';
import { exposeTestInterface } from './test-interface';

async function boot(): Promise<void> {
  watchErrors();
  await readLaunchOptions();
  renderDeviceFrame();
  patchElements();
  Object.assign(globalThis, {
    wx: createWx({ isSinglePageMode: isSinglePageMode() }),
    getApp: () => appObject,
    getCurrentPages: () => pageStack.pages.map((page) => page.instance),
  });
  watchHistory();
  pageStack.changeListeners.add(renderBars).add(updateAddress);

  loadMiniProgram(miniProgram);
  watchVisibility();
  interruptInBackground();
  watchNetwork();
  watchTheme();
  watchGestures();
  watchAnimations();
  connectAppHooks();
  exposeTestInterface();
  callHook(appObject, 'onLaunch', launchOptions());
  callHook(appObject, 'onShow', launchOptions());
  openFirstPage(launchOptions().path);
}

function openFirstPage(path: string): void {
  if (!miniProgram.parts[path]?.isPage) pageStack.reLaunch(`/${miniProgram.app.pages[0]}`);
  else if (isTabPage(path)) pageStack.switchTab(`/${path}`);
  else pageStack.reLaunch(pageUrlInAddress() ?? `/${path}`);
}

function connectAppHooks(): void {
  showListeners.add((options) => {
    callHook(appObject, 'onShow', options);
    pageStack.top.callShow();
  });
  hideListeners.add(() => {
    pageStack.top.callHide();
    callHook(appObject, 'onHide');
  });
  themeListeners.add((result) => {
    renderBars();
    callHook(appObject, 'onThemeChange', result);
  });
  errorListeners.add((message) => callHook(appObject, 'onError', message));
  rejectionListeners.add((event) => callHook(appObject, 'onUnhandledRejection', event));
}

boot().catch((error: unknown) => {
  reportUncaughtError(error, 'boot');
  const message = error instanceof Error ? error.message : String(error);
  byId('pages').append(element('p', { class: 'boot-error', role: 'alert' }, `${texts.bootFailed}: ${message}`));
});
