/** What the mini program may know about the phone, the app and how it was opened. */

import { isChinese } from '../runtime/words';
import { byId } from '../runtime/elements';
import { hideListeners, showListeners } from '../runtime/life';
import { errorListeners, rejectionListeners } from '../runtime/errors';
import { phone } from '../runtime/phone';
import { theme, themeListeners } from '../runtime/theme';
import { api } from './convention';

const BASE_LIBRARY = '3.8.12';

function getWindowInfo() {
  const screen = byId('screen').getBoundingClientRect();
  const all = byId('phone').getBoundingClientRect();
  const statusBarHeight = byId('status-bar').offsetHeight;
  return {
    pixelRatio: devicePixelRatio,
    screenWidth: all.width,
    screenHeight: all.height,
    windowWidth: screen.width,
    windowHeight: screen.height,
    statusBarHeight,
    screenTop: screen.top - all.top,
    safeArea: { left: 0, right: all.width, top: statusBarHeight, bottom: all.height, width: all.width, height: all.height - statusBarHeight },
  };
}

type NetworkState = ReturnType<typeof networkState>;

const networkListeners = new Set<(state: NetworkState) => void>();

function networkState() {
  return { isConnected: navigator.onLine, networkType: navigator.onLine ? 'wifi' : 'none' };
}

export function watchNetwork(): void {
  const tell = () => networkListeners.forEach((listener) => listener(networkState()));
  window.addEventListener('online', tell);
  window.addEventListener('offline', tell);
}

/** `wx.onX(listener)` and `wx.offX(listener)`; without a listener, off takes all of the mini program's away. */
function subscription<T>(source: Set<(value: T) => void>) {
  const own = new Set<(value: T) => void>();
  source.add((value) => [...own].forEach((listener) => listener(value)));
  return {
    on: (listener: (value: T) => void): void => void own.add(listener),
    off: (listener?: (value: T) => void): void => (listener ? void own.delete(listener) : own.clear()),
  };
}

const networkChange = subscription(networkListeners);
const appShow = subscription(showListeners);
const appHide = subscription(hideListeners);

export const device = {
  getWindowInfo,
  getDeviceInfo: () => ({ platform: 'devtools', brand: 'devtools', model: 'runner', system: 'browser', memorySize: '4096' }),
  getAppBaseInfo: () => ({ SDKVersion: BASE_LIBRARY, version: '8.0.56', language: isChinese ? 'zh_CN' : 'en', theme: theme(), enableDebug: false, fontSizeSetting: 16 }),
  getAccountInfoSync: () => ({ miniProgram: { appId: 'touristappid', envVersion: 'develop', version: '' } }),
  getExtConfigSync: () => ({ apiBase: location.origin }),
  getLaunchOptionsSync: () => ({ ...phone.launch }),
  getEnterOptionsSync: () => ({ ...phone.launch }),
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
  // A desk does not shake.
  vibrateShort: api('vibrateShort', () => {}),
  nextTick: (callback: () => void) => setTimeout(callback),
  // A build in a browser is never out of date, so these are never called.
  getUpdateManager: () => ({ onCheckForUpdate() {}, onUpdateReady() {}, onUpdateFailed() {}, applyUpdate() {} }),
};
