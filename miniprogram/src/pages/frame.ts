/** How high a picture stands on a page, in rpx, where it is as wide as the page allows. */
const WIDTH = 686;

/** As its sides ask for, within bounds; one whose sides nobody knows is as high as `unknown`. */
export function heightWithin(
  { width, height }: { width: number; height: number },
  { lowest, highest, unknown }: { lowest: number; highest: number; unknown: number },
): number {
  if (width <= 0 || height <= 0) return unknown;
  return Math.round(Math.min(highest, Math.max(lowest, (WIDTH * height) / width)));
}
