/** The text keys in `create` that describe a strength or a level. */
import { bandOf } from '../strength-bands';

/** At 0, the result is the photo. */
export function tauTextKey(tau: number) {
  return tau <= 0 ? ('tau_none' as const) : (`tau_${bandOf(tau).key}` as const);
}

export function levelTextKey(share: number) {
  if (share <= 0) return 'level_none' as const;
  return share === 1 ? ('level_all' as const) : ('level_share' as const); // a work of another client may have more than all
}
