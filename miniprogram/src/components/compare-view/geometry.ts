/** The calculations of a comparison: the size of the frame, and the position of the line under a finger. */

import type { Track } from '../horizontal-drag';

/** The share of the window's height that the frame may take, so that the page below a tall picture stays visible. */
const MAX_WINDOW_SHARE = 0.7;

/** Used while the size of the pictures is unknown. */
const SQUARE = { width: 1, height: 1 };

export interface Frame {
  /** The maximum width in px. */
  maxWidth: number;
  /** The height in percent of the width. */
  heightPercent: number;
}

export function frameFor(picture: { width: number; height: number }, windowHeight: number): Frame {
  const { width, height } = picture.width > 0 && picture.height > 0 ? picture : SQUARE;
  return {
    maxWidth: Math.floor((windowHeight * MAX_WINDOW_SHARE * width) / height),
    heightPercent: (height / width) * 100,
  };
}

/** The position in percent of the track, from 0 to 100, rounded to one decimal. */
export function positionAt(x: number, { left, width }: Track): number {
  if (width <= 0) return 50;
  const share = Math.min(1, Math.max(0, (x - left) / width));
  return Math.round(share * 1000) / 10;
}
