/** Information about the device, the app and how the app was opened. */

import { byId } from '../platform/dom';
import { hideListeners, showListeners } from '../state/app-visibility';
import { errorListeners, rejectionListeners } from '../state/error-log';
import { launchOptions } from '../state/launch';
import { isChinese } from '../state/texts';
import { theme, themeListeners } from '../state/theme';
import { api } from './api';

const BASE_LIBRARY_VERSION = '3.8.12';

function getWindowInfo() {
  const screen = byId('screen').getBoundingClientRect();
  const deviceRect = byId('device').getBoundingClientRect();
  const { width, height } = deviceRect;
  const statusBarHeight = byId('status-bar').offsetHeight;
  return {
    pixelRatio: devicePixelRatio,
    screenWidth: width,
    screenHeight: height,
    windowWidth: screen.width,
    windowHeight: screen.height,
    statusBarHeight,
    screenTop: screen.top - deviceRect.top,
    safeArea: { left: 0, right: width, top: statusBarHeight, bottom: height, width, height: height - statusBarHeight },
  };
}

type NetworkState = ReturnType<typeof networkState>;

const networkListeners = new Set<(state: NetworkState) => void>();

function networkState() {
  return { isConnected: navigator.onLine, networkType: navigator.onLine ? 'wifi' : 'none' };
}

export function watchNetwork(): void {
  const notify = () => networkListeners.forEach((listener) => listener(networkState()));
  window.addEventListener('online', notify);
  window.addEventListener('offline', notify);
}

/** Makes `wx.onX(listener)` and `wx.offX(listener)`. `off` without a listener removes all listeners of the mini program. */
function subscription<T>(source: Set<(value: T) => void>) {
  const listeners = new Set<(value: T) => void>();
  source.add((value) => [...listeners].forEach((listener) => listener(value)));
  return {
    on: (listener: (value: T) => void): void => void listeners.add(listener),
    off: (listener?: (value: T) => void): void => (listener ? void listeners.delete(listener) : listeners.clear()),
  };
}

const networkChange = subscription(networkListeners);
const appShow = subscription(showListeners);
const appHide = subscription(hideListeners);

export const device = {
  getWindowInfo,
  getDeviceInfo: () => ({ platform: 'devtools', brand: 'devtools', model: 'runner', system: 'browser', memorySize: '4096' }),
  getAppBaseInfo: () => ({
    SDKVersion: BASE_LIBRARY_VERSION,
    version: '8.0.56',
    language: isChinese ? 'zh_CN' : 'en',
    theme: theme(),
    enableDebug: false,
    fontSizeSetting: 16,
  }),
  getAccountInfoSync: () => ({ miniProgram: { appId: 'touristappid', envVersion: 'develop', version: '' } }),
  getExtConfigSync: () => ({ apiBase: location.origin }),
  getLaunchOptionsSync: () => ({ ...launchOptions() }),
  getEnterOptionsSync: () => ({ ...launchOptions() }),
  getNetworkType: api('getNetworkType', () => ({ networkType: networkState().networkType })),
  onNetworkStatusChange: networkChange.on,
  offNetworkStatusChange: networkChange.off,
  onThemeChange: subscription(themeListeners).on,
  onAppShow: appShow.on,
  offAppShow: appShow.off,
  onAppHide: appHide.on,
  offAppHide: appHide.off,
  onError: subscription(errorListeners).on,
  onUnhandledRejection: subscription(rejectionListeners).on,
  // The simulated device cannot vibrate.
  vibrateShort: api('vibrateShort', () => {}),
  nextTick: (callback: () => void) => setTimeout(callback),
  // A build in the browser is never outdated, so the callbacks are never called.
  getUpdateManager: () => ({ onCheckForUpdate() {}, onUpdateReady() {}, onUpdateFailed() {}, applyUpdate() {} }),
};
