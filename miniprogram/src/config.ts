/** Settings of the client: the address of the service, timeouts and limits. */

/** One address for each kind of build; edit these. An `ext.json` (`{"extEnable": true, "ext": {"apiBase": "…"}}`) overrides them. */
const API_BASES: Record<'develop' | 'trial' | 'release', string> = {
  develop: 'http://127.0.0.1:8000',
  trial: 'https://api.example.com',
  release: 'https://api.example.com',
};

export const REQUEST_TIMEOUT_MS = 15_000;
export const UPLOAD_TIMEOUT_MS = 60_000;
/** WeChat allows ten concurrent requests; one is left for requests that are not sent by this code. */
export const MAX_CONCURRENT_REQUESTS = 9;
export const MAX_CONCURRENT_UPLOADS = 3;
/** Larger photos are reduced before the upload, because the service reduces them anyway. */
export const MAX_PHOTO_SIDE_PX = 2048;
export const WORKS_PER_PAGE = 20;

/** Returns the address of the service without a trailing slash. */
export function apiBase(): string {
  const { apiBase: override } = wx.getExtConfigSync() as { apiBase?: string };
  return (override ?? API_BASES[wx.getAccountInfoSync().miniProgram.envVersion]).replace(/\/+$/, '');
}
