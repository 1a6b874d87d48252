/** A finger that draws a part of a page sideways; one that goes up or down is left to the scrolling of the page. */

/** Less than this may be a tap of an unsteady finger. */
const STILL_PX = 6;

export interface Point {
  x: number;
  y: number;
}

/** What the finger is measured against: its left edge and its width, in px of the page in view. */
export interface Track {
  left: number;
  width: number;
}

/** Null while it is too early to tell. */
export function wayOf(from: Point, to: Point): 'across' | 'along' | null {
  const across = Math.abs(to.x - from.x);
  const along = Math.abs(to.y - from.y);
  if (Math.max(across, along) < STILL_PX) return null;
  return across > along ? 'across' : 'along';
}

/** Where the first finger of a touch is. */
export function pointOf(event: WechatMiniprogram.TouchEvent): Point {
  const touch = event.touches[0] ?? event.changedTouches[0];
  return { x: touch?.clientX ?? 0, y: touch?.clientY ?? 0 };
}

/** One finger from its coming to its leaving. The track may be measured while it is already on its way. */
export class Draw {
  private at: Point;
  private track: Track | null = null;

  /** @param drawing true where the finger lies on a handle, so that there is no doubt about what it wants */
  constructor(
    readonly from: Point,
    private readonly follow: (at: Point, track: Track) => void,
    public drawing = false,
  ) {
    this.at = from;
  }

  measured(track: Track): void {
    this.track = track;
    this.tell();
  }

  move(to: Point): void {
    this.at = to;
    this.drawing = this.drawing || wayOf(this.from, to) === 'across';
    this.tell();
  }

  private tell(): void {
    if (this.drawing && this.track && this.at !== this.from) this.follow(this.at, this.track);
  }
}

interface Measuring {
  createSelectorQuery(): WechatMiniprogram.SelectorQuery;
}

/** Where a part of a component lies; nothing is told of one that is not there. */
export function measure(component: Measuring, selector: string, then: (track: Track) => void): void {
  component
    .createSelectorQuery()
    .select(selector)
    .boundingClientRect((rect) => rect && then(rect))
    .exec();
}
