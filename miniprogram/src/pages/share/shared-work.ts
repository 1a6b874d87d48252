/** Pure functions of the share page: the token of a link, and the reason why a work is not shown. */
import type { LocalizedText } from '../../i18n/index';
import { UNREACHABLE_CODES } from '../../services/errors';

/** Why the work is not shown. Each has a `title_…` and, except `failed`, a `text_…` in the area `share`. */
export type Problem = 'unavailable' | 'expired' | 'pending' | 'rejected' | 'offline' | 'failed';

/** The token from the query of a link, or from the URL-encoded scene of a poster's code. */
export function tokenOf({ token, scene }: { token?: string; scene?: string }): string {
  return token || (scene ? decodeURIComponent(scene) : '');
}

export function problemOf(code: string): Problem {
  if (code === 'not_found' || code === 'forbidden') return 'unavailable';
  if (code === 'expired') return 'expired';
  if (code === 'check_pending' || code === 'under_review') return 'pending';
  if (code === 'content_rejected') return 'rejected';
  return UNREACHABLE_CODES.includes(code) ? 'offline' : 'failed';
}

/** The id of the style with this name: a shared work has no style id. Undefined for a mixture or another user's own style. */
export function styleIdByName(name: LocalizedText, styles: { id: string; name: LocalizedText }[]): string | undefined {
  return styles.find((style) => style.name.zh === name.zh && style.name.en === name.en)?.id;
}

/** Whether a retry may succeed. */
export function isTemporary(problem: Problem): boolean {
  return problem === 'pending' || problem === 'offline' || problem === 'failed';
}
