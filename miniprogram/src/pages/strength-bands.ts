/** The bands of the style strength. The create page describes a strength by its band, and the history filters by band. */
import type { StrengthRange } from '../services/service-config';

/** The strengths from `from` up to, but not including, `below`. A missing bound means no limit. */
export interface StrengthBand {
  key: 'light' | 'middle' | 'full' | 'beyond';
  from?: number;
  below?: number;
}

const BEYOND: StrengthBand = { key: 'beyond', from: 1.1 };

/** Each band begins where the one before it ends, so every strength is in exactly one. At 1, a style is applied as it was learned. */
export const STRENGTH_BANDS: readonly StrengthBand[] = [
  { key: 'light', below: 0.5 },
  { key: 'middle', from: 0.5, below: 0.9 },
  { key: 'full', from: 0.9, below: 1.1 },
  BEYOND,
];

export function bandOf(tau: number): StrengthBand {
  return STRENGTH_BANDS.find(({ below = Infinity }) => tau < below) ?? BEYOND;
}

/** The bands that contain a strength of the range. */
export function bandsWithin({ min, max }: StrengthRange): StrengthBand[] {
  return STRENGTH_BANDS.filter(({ from = -Infinity, below = Infinity }) => from <= max && min < below);
}
