/** The permissions that the user grants or denies. */

import { openPermissionSettings, requirePermission } from '../platform/permission-dialogs';
import { usageFailure } from '../state/api-failure';
import { authSetting } from '../state/permissions';
import { wasTappedRecently } from '../state/recent-tap';
import { api } from './api';

export const settings = {
  getSetting: api('getSetting', () => ({ authSetting: authSetting() })),
  authorize: api('authorize', ({ scope }: { scope: string }) => requirePermission(scope)),
  openSetting: api('openSetting', () => {
    if (!wasTappedRecently()) throw usageFailure('can only be invoked by user TAP gesture', 'openSetting');
    return openPermissionSettings();
  }),
};
