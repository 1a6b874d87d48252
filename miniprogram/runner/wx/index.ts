/** `wx`: exactly the APIs that this mini program may use. Any other is a mistake, and said so by name. */

import { BUILT_INS } from '../builtins';
import { mistake } from '../runtime/errors';
import { account } from './account';
import { failure, type Callbacks } from './convention';
import { device } from './device';
import { files } from './files';
import { media } from './media';
import { navigation } from './navigation';
import { network } from './network';
import { settings } from './permissions';
import { privacy } from './privacy';
import { share } from './share';
import { storage } from './storage';
import { windows } from './windows';

const apis: Record<string, unknown> = {
  ...account, ...device, ...files, ...media, ...navigation, ...network, ...settings, ...privacy, ...share, ...storage, ...windows,
  canIUse: (schema: string) => {
    const [name = ''] = schema.split('.');
    return name in apis || name in BUILT_INS;
  },
};

// In the single page that a post in Moments opens there is no login, no other page and no permission.
const NOT_IN_SINGLE_PAGE = [
  'login', 'checkSession', 'navigateTo', 'redirectTo', 'switchTab', 'reLaunch', 'navigateBack', 'chooseMedia',
  'saveImageToPhotosAlbum', 'requestSubscribeMessage', 'openSetting', 'authorize', 'showShareImageMenu',
];

export function makeWx(singlePage: boolean): object {
  if (singlePage) for (const name of NOT_IN_SINGLE_PAGE) apis[name] = refusedInSinglePage(name);
  return new Proxy(apis, {
    get(target, name) {
      if (typeof name === 'symbol' || name in target) return target[name as string];
      throw mistake(`wx.${name} is not one of the runner's APIs (runner/README.md says how to add one)`);
    },
  });
}

function refusedInSinglePage(name: string) {
  return (options: Callbacks = {}): Promise<never> | undefined => {
    const error = failure(name, 'not supported in single page mode');
    if (!options.fail && !options.complete && !options.success) return Promise.reject(error);
    setTimeout(() => {
      options.fail?.(error);
      options.complete?.(error);
    });
    return undefined;
  };
}
