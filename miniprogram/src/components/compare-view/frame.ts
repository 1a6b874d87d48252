/** The sums of a comparison: the frame that holds both pictures, and where a finger puts the line between them. */

import type { Track } from '../gesture';

/** So that on a small phone something of the page is seen below a tall picture. */
const MOST_OF_WINDOW = 0.7;

/** As long as nobody has said how large the pictures are. */
const SQUARE = { width: 1, height: 1 };

export interface Frame {
  /** The widest that the frame may be, in px. */
  widest: number;
  /** Its height as a percentage of its width. */
  tall: number;
}

export function frameOf(picture: { width: number; height: number }, windowHeight: number): Frame {
  const { width, height } = picture.width > 0 && picture.height > 0 ? picture : SQUARE;
  return {
    widest: Math.floor((windowHeight * MOST_OF_WINDOW * width) / height),
    tall: (height / width) * 100,
  };
}

/** 0 to 100, to a tenth: finer than that no finger is. */
export function positionAt(x: number, { left, width }: Track): number {
  if (width <= 0) return 50;
  const share = Math.min(1, Math.max(0, (x - left) / width));
  return Math.round(share * 1000) / 10;
}
