/** Where the service is, and what the client itself has decided. */

/** By the kind of build. Fill in your own; `ext.json` (`{"extEnable": true, "ext": {"apiBase": "…"}}`) wins over them. */
const API_BASES: Record<'develop' | 'trial' | 'release', string> = {
  develop: 'http://127.0.0.1:8000',
  trial: 'https://api.example.com',
  release: 'https://api.example.com',
};

export const REQUEST_TIMEOUT_MS = 15_000;
export const UPLOAD_TIMEOUT_MS = 60_000;
/** WeChat allows ten at once; a place is left for what is not ours. */
export const MOST_REQUESTS = 9;
export const MOST_UPLOADS = 3;
/** A photograph of more pixels than the service keeps only costs time on the way. */
export const LONGEST_SIDE_PX = 2048;
export const WORKS_A_PAGE = 20;

/** Without a slash at its end. */
export function apiBase(): string {
  const { apiBase: given } = wx.getExtConfigSync() as { apiBase?: string };
  return (given ?? API_BASES[wx.getAccountInfoSync().miniProgram.envVersion]).replace(/\/+$/, '');
}
