/** The permissions of the simulated device, stored in localStorage. */

const STORAGE_KEY = 'runner:permissions';

type Permission = 'granted' | 'denied';

/** Permissions by scope, for example `permissions['scope.writePhotosAlbum'] = 'denied'`. A missing scope is undecided. */
export const permissions = new Proxy({} as Record<string, Permission>, {
  get: (_, scope: string) => storedPermissions()[scope],
  set: (_, scope: string, permission: Permission) => {
    store({ ...storedPermissions(), [scope]: permission });
    return true;
  },
  deleteProperty: (_, scope: string) => {
    store(Object.fromEntries(Object.entries(storedPermissions()).filter(([name]) => name !== scope)));
    return true;
  },
  ownKeys: () => Object.keys(storedPermissions()),
  getOwnPropertyDescriptor: (_, scope: string) => ({ value: storedPermissions()[scope], enumerable: true, configurable: true, writable: true }),
});

/** The permissions in the form that `wx.getSetting` returns. */
export function authSetting(): Record<string, boolean> {
  return Object.fromEntries(Object.entries(storedPermissions()).map(([scope, permission]) => [scope, permission === 'granted']));
}

function storedPermissions(): Record<string, Permission> {
  return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}');
}

function store(changed: Record<string, Permission>): void {
  localStorage.setItem(STORAGE_KEY, JSON.stringify(changed));
}
