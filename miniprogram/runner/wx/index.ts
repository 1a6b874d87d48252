/** `wx`: the APIs that this mini program may use. Access to any other API throws an error with its name. */

import { BUILT_INS } from '../builtins';
import { usageError } from '../state/error-log';
import { account } from './account';
import { failResult, type Callbacks } from './api';
import { device } from './device';
import { dialogs } from './dialogs';
import { files } from './files';
import { media } from './media';
import { navigation } from './navigation';
import { network } from './network';
import { settings } from './permissions';
import { privacy } from './privacy';
import { share } from './share';
import { storage } from './storage';

const apis: Record<string, unknown> = {
  ...account, ...device, ...dialogs, ...files, ...media, ...navigation, ...network, ...settings, ...privacy, ...share, ...storage,
  canIUse: (schema: string) => {
    const [name = ''] = schema.split('.');
    return name in apis || name in BUILT_INS;
  },
};

// A page that a post in Moments opens in single-page mode has no login, no other page and no permissions.
const UNAVAILABLE_IN_SINGLE_PAGE_MODE = [
  'login', 'checkSession', 'navigateTo', 'redirectTo', 'switchTab', 'reLaunch', 'navigateBack', 'chooseMedia',
  'saveImageToPhotosAlbum', 'requestSubscribeMessage', 'openSetting', 'authorize', 'showShareImageMenu',
];

export function createWx({ isSinglePageMode }: { isSinglePageMode: boolean }): object {
  if (isSinglePageMode) for (const name of UNAVAILABLE_IN_SINGLE_PAGE_MODE) apis[name] = unavailableApi(name);
  return new Proxy(apis, {
    get(target, name) {
      if (typeof name === 'symbol' || name in target) return target[name as string];
      throw usageError(`wx.${name} is not supported by the runner (runner/README.md explains how to add an API)`);
    },
  });
}

function unavailableApi(name: string) {
  return (options: Callbacks = {}): Promise<never> | undefined => {
    const error = failResult(name, 'not supported in single page mode');
    if (!options.fail && !options.complete && !options.success) return Promise.reject(error);
    setTimeout(() => {
      options.fail?.(error);
      options.complete?.(error);
    });
    return undefined;
  };
}
