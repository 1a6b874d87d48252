/** The width of a picture that fills the page, in rpx. */
const WIDTH = 686;

/** The height in rpx that keeps the aspect ratio, within bounds; `unknown` if the size of the picture is not known. */
export function pictureHeight(
  { width, height }: { width: number; height: number },
  { min, max, unknown }: { min: number; max: number; unknown: number },
): number {
  if (width <= 0 || height <= 0) return unknown;
  return Math.round(Math.min(max, Math.max(min, (WIDTH * height) / width)));
}
