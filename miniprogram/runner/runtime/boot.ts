/** Starts the phone: frame, platform, mini program, first page. index.html loads this after app.js. */

import { makeWx } from '../wx';
import { watchNetwork } from '../wx/device';
import { interruptInBackground } from '../wx/network';
import { Address } from './address';
import { adaptElements, PhoneBackend } from './backend';
import { Bars } from './bars';
import { exposeControl } from './control';
import { byId, element } from './elements';
import { callHook, errorListeners, rejectionListeners, report, watchErrors } from './errors';
import { watchAnimations } from './events';
import { drawFrame } from './frame';
import { watchGestures } from './gestures';
import { readLaunch, SINGLE_PAGE } from './launch';
import { hideListeners, showListeners, watchVisibility } from './life';
import { appObject, environment, loadMiniProgram } from './mini-program';
import { isTab, Navigation } from './navigation';
import { phone } from './phone';
import { themeListeners, watchTheme } from './theme';
import { words } from './words';

async function boot(): Promise<void> {
  watchErrors();
  const launch = await readLaunch();
  const singlePage = launch.scene === SINGLE_PAGE;
  drawFrame(singlePage);
  adaptElements();
  Object.assign(globalThis, {
    wx: makeWx(singlePage),
    getApp: () => appObject,
    getCurrentPages: () => phone.navigation.stack.map((page) => page.instance),
  });

  const navigation = new Navigation(environment.associateBackend(new PhoneBackend() as never), () => {
    phone.bars.paint();
    phone.address.mirror();
  });
  Object.assign(phone, { launch, navigation, bars: new Bars(navigation), address: new Address(navigation) });

  loadMiniProgram(miniProgram);
  const life = watchVisibility(launch);
  interruptInBackground();
  watchNetwork();
  watchTheme();
  watchGestures();
  watchAnimations();
  followApp();
  exposeControl(life);
  callHook(appObject, 'onLaunch', launch);
  callHook(appObject, 'onShow', launch);
  openFirstPage(navigation, launch.path);
}

function openFirstPage(navigation: Navigation, path: string): void {
  if (!miniProgram.parts[path]?.isPage) navigation.reLaunch(`/${miniProgram.app.pages[0]}`);
  else if (isTab(path)) navigation.switchTab(`/${path}`);
  else navigation.reLaunch(Address.wanted() ?? `/${path}`);
}

function followApp(): void {
  showListeners.add((launch) => {
    callHook(appObject, 'onShow', launch);
    phone.navigation.top.callShow();
  });
  hideListeners.add(() => {
    phone.navigation.top.callHide();
    callHook(appObject, 'onHide');
  });
  themeListeners.add((result) => {
    phone.bars.paint();
    callHook(appObject, 'onThemeChange', result);
  });
  errorListeners.add((message) => callHook(appObject, 'onError', message));
  rejectionListeners.add((event) => callHook(appObject, 'onUnhandledRejection', event));
}

boot().catch((error: unknown) => {
  report(error, 'boot');
  const text = error instanceof Error ? error.message : String(error);
  byId('pages').append(element('p', { class: 'broken', role: 'alert' }, `${words.broken}: ${text}`));
});
