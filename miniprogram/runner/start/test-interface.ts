/** `window.runner`: what tests can read and set. */

import { pageStack } from '../platform/page-stack';
import { hideApp, showApp } from '../state/app-visibility';
import { errors } from '../state/error-log';
import { permissions } from '../state/permissions';

export function exposeTestInterface(): void {
  Object.assign(globalThis, {
    runner: {
      /** `runner.permissions['scope.writePhotosAlbum'] = 'granted' | 'denied'`. `delete` makes the scope undecided. */
      permissions,
      /** Every usage error and uncaught error since the browser page was loaded. */
      errors,
      /** The URLs of the open pages, the bottom one first: `['/pages/works/works', '/pages/job/job?id=stl_1']`. */
      stack: () => pageStack.pages.map((page) => page.url),
      /** Sends the app to the background. */
      hide: hideApp,
      /** Brings the app back to the foreground. */
      show: showApp,
    },
  });
}
