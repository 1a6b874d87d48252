/** Which way a finger goes: a part that is drawn sideways must leave the page its scrolling. */

/** Less than this may be a tap of an unsteady finger. */
const STILL_PX = 6;

export interface Point {
  x: number;
  y: number;
}

export type Way = 'across' | 'along' | null;

/** Null while it is too early to tell. */
export function wayOf(from: Point, to: Point): Way {
  const across = Math.abs(to.x - from.x);
  const along = Math.abs(to.y - from.y);
  if (Math.max(across, along) < STILL_PX) return null;
  return across > along ? 'across' : 'along';
}

/** Where the first finger of a touch is, in px from the corner of the page in view. */
export function pointOf(event: WechatMiniprogram.TouchEvent): Point {
  const touch = event.touches[0] ?? event.changedTouches[0];
  return { x: touch?.clientX ?? 0, y: touch?.clientY ?? 0 };
}
