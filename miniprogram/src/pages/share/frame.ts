/** How high a shared picture stands on the page, in rpx: its own shape, so that it is never cut. */
const WIDTH = 686;
const LOWEST = 320;
const HIGHEST = 1040;

export function heightFor(width: number, height: number): number {
  if (width <= 0 || height <= 0) return WIDTH;
  return Math.round(Math.min(HIGHEST, Math.max(LOWEST, (WIDTH * height) / width)));
}
