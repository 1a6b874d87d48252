/** Plain words for numbers: what a strength does to a photograph. */

/** A word of `create.…`. */
export function tauWord(tau: number) {
  if (tau <= 0) return 'tau_none' as const;
  if (tau < 0.35) return 'tau_hint' as const;
  if (tau < 0.9) return 'tau_light' as const;
  return tau <= 1.05 ? ('tau_full' as const) : ('tau_beyond' as const);
}

/** A word of `create.…`. */
export function levelWord(share: number) {
  if (share <= 0) return 'level_none' as const;
  return share >= 1 ? ('level_all' as const) : ('level_share' as const);
}
