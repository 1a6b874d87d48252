/** The calculations of a slider: from a position to a value and back. */

import type { Track } from '../horizontal-drag';

export interface Range {
  min: number;
  max: number;
  step: number;
}

/** The values at which the slider has a mark and vibrates. */
const MARKS = [0, 0.5, 1];

/** The value at the position `x`, rounded to the nearest step and limited to the range. */
export function valueAt(x: number, track: Track, range: Range): number {
  if (track.width <= 0) return range.min;
  const share = Math.min(1, Math.max(0, (x - track.left) / track.width));
  return roundToStep(range.min + share * (range.max - range.min), range);
}

/** The position of a value within the range, from 0 to 1. */
export function shareOf(value: number, { min, max }: Range): number {
  return max > min ? Math.min(1, Math.max(0, (value - min) / (max - min))) : 0;
}

export function marksWithin({ min, max }: Range): number[] {
  return MARKS.filter((mark) => mark >= min && mark <= max);
}

/** Whether the change reaches or passes a mark. */
export function crossesMark(before: number, after: number, range: Range): boolean {
  return marksWithin(range).some((mark) => (before < mark && mark <= after) || (after <= mark && mark < before));
}

function roundToStep(value: number, { min, max, step }: Range): number {
  if (step <= 0) return value;
  // Without rounding, three steps of 0.1 are 0.30000000000000004.
  const nearest = Number((min + Math.round((value - min) / step) * step).toFixed(6));
  return Math.min(max, Math.max(min, nearest));
}
