/** The calculations of a card that is swiped to the left. All positions are in percent of the card's width. */

/** The card stays this far open, so that the delete button is visible. */
const OPEN_OFFSET = 44;

/** A shorter swipe closes the card again. */
const OPEN_THRESHOLD = 18;

/** A swipe of at least this length deletes the work at once. */
const REMOVE_THRESHOLD = 75;

/** The offset during a swipe that began at `before`. */
export function swipeOffset(movedPx: number, widthPx: number, before: number): number {
  if (widthPx <= 0) return before;
  return Math.min(100, Math.max(0, before - (movedPx / widthPx) * 100));
}

export type Rest = 'closed' | 'open' | 'removed';

/** Where the card comes to rest after a swipe. */
export function restAfter(offset: number): Rest {
  if (offset >= REMOVE_THRESHOLD) return 'removed';
  return offset >= OPEN_THRESHOLD ? 'open' : 'closed';
}

export function restOffset(rest: Rest): number {
  return rest === 'open' ? OPEN_OFFSET : 0;
}
