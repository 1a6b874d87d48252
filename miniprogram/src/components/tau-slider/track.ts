/** The sums of a slider: from the finger to a value, and from a value to a place on the track. */

import type { Track } from '../gesture';

export interface Range {
  min: number;
  max: number;
  step: number;
}

/** Half a style and a whole one: there the finger feels a tick. */
const MARKS = [0, 0.5, 1];

/** The value under a finger at `x`, on the nearest step and never off the track. */
export function valueAt(x: number, track: Track, range: Range): number {
  if (track.width <= 0) return range.min;
  const share = Math.min(1, Math.max(0, (x - track.left) / track.width));
  return onStep(range.min + share * (range.max - range.min), range);
}

/** Where a value stands between the ends, 0 to 1. */
export function shareOf(value: number, { min, max }: Range): number {
  return max > min ? Math.min(1, Math.max(0, (value - min) / (max - min))) : 0;
}

export function marksOn({ min, max }: Range): number[] {
  return MARKS.filter((mark) => mark >= min && mark <= max);
}

/** Whether a mark was reached or passed on the way from one value to the other. */
export function meetsMark(before: number, after: number, range: Range): boolean {
  return marksOn(range).some((mark) => (before < mark && mark <= after) || (after <= mark && mark < before));
}

function onStep(value: number, { min, max, step }: Range): number {
  if (step <= 0) return value;
  // Steps of 0.1 add up to 0.30000000000000004; nobody means that.
  const nearest = Number((min + Math.round((value - min) / step) * step).toFixed(6));
  return Math.min(max, Math.max(min, nearest));
}
