/** The text keys in `create` that describe a strength or a level. */

/** The thresholds are fractions of 1, the strength at which a style was learned. */
export function tauTextKey(tau: number) {
  if (tau <= 0) return 'tau_none' as const;
  if (tau < 0.35) return 'tau_hint' as const;
  if (tau < 0.9) return 'tau_light' as const;
  return tau <= 1.05 ? ('tau_full' as const) : ('tau_beyond' as const);
}

export function levelTextKey(share: number) {
  if (share <= 0) return 'level_none' as const;
  return share >= 1 ? ('level_all' as const) : ('level_share' as const);
}
