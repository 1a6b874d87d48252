/** How high the photograph stands on the page, in rpx: its own shape, within what leaves room for the rest. */
const WIDTH = 686;
const LOWEST = 400;
const HIGHEST = 760;

export function heightFor(width: number, height: number): number {
  if (width <= 0 || height <= 0) return LOWEST;
  return Math.round(Math.min(HIGHEST, Math.max(LOWEST, (WIDTH * height) / width)));
}
