/** A horizontal drag with one finger. A vertical movement is left to the scrolling of the page. */

/** A shorter movement may be a tap with an unsteady finger. */
const TAP_TOLERANCE_PX = 6;

export interface Point {
  x: number;
  y: number;
}

/** The element that the finger moves along: its left edge and its width, in px of the viewport. */
export interface Track {
  left: number;
  width: number;
}

/** Returns null while the movement is too short to have a direction. */
export function directionOf(from: Point, to: Point): 'horizontal' | 'vertical' | null {
  const horizontal = Math.abs(to.x - from.x);
  const vertical = Math.abs(to.y - from.y);
  if (Math.max(horizontal, vertical) < TAP_TOLERANCE_PX) return null;
  return horizontal > vertical ? 'horizontal' : 'vertical';
}

/** The position of the first finger of a touch event. */
export function touchPoint(event: WechatMiniprogram.TouchEvent): Point {
  const touch = event.touches[0] ?? event.changedTouches[0];
  return { x: touch?.clientX ?? 0, y: touch?.clientY ?? 0 };
}

/** One drag, from touchstart to touchend. The track may be measured while the finger is already moving. */
export class HorizontalDrag {
  private at: Point;
  private track: Track | null = null;

  /**
   * @param onMove receives each position once the drag is known to be horizontal and the track has been measured
   * @param isDragging true if the finger is on a handle: then the drag starts with the first movement
   */
  constructor(
    readonly from: Point,
    private readonly onMove: (at: Point, track: Track) => void,
    public isDragging = false,
  ) {
    this.at = from;
  }

  setTrack(track: Track): void {
    this.track = track;
    this.notify();
  }

  move(to: Point): void {
    this.at = to;
    this.isDragging = this.isDragging || directionOf(this.from, to) === 'horizontal';
    this.notify();
  }

  private notify(): void {
    if (this.isDragging && this.track && this.at !== this.from) this.onMove(this.at, this.track);
  }
}

interface Measurable {
  createSelectorQuery(): WechatMiniprogram.SelectorQuery;
}

/** Measures a part of a component. The callback is not called if the part does not exist. */
export function measureTrack(component: Measurable, selector: string, callback: (track: Track) => void): void {
  component
    .createSelectorQuery()
    .select(selector)
    .boundingClientRect((rect) => rect && callback(rect))
    .exec();
}
