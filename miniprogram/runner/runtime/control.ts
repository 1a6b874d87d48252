/** `window.runner`: the few things that a test may see and set. */

import { permissions } from '../wx/permissions';
import { errors } from './errors';
import { phone } from './phone';

export function exposeControl({ show, hide }: { show(): void; hide(): void }): void {
  Object.assign(globalThis, {
    runner: {
      /** `runner.permissions['scope.writePhotosAlbum'] = 'granted' | 'denied'`; `delete` makes it undecided. */
      permissions,
      /** Every mistake and uncaught error since the page was loaded. */
      errors,
      /** The open pages, the lowest first: `['/pages/works/works', '/pages/job/job?id=stl_1']`. */
      stack: () => phone.navigation.stack.map((page) => page.url),
      /** The app goes to the background, and comes back. */
      hide,
      show,
    },
  });
}
