/** The sums of a card that is slid aside: how far it goes, and where it comes to rest. */

/** Far enough to lay the button below bare. */
const BARE = 44;

/** Whoever lets go before this has thought better of it. */
const LEAST = 18;

/** So far nobody slides a card by chance. */
const WHOLE = 75;

/** How far the card has been slid to the left, in percent of its width. */
export function slideAt(movedPx: number, widthPx: number, before: number): number {
  if (widthPx <= 0) return before;
  return Math.min(100, Math.max(0, before - (movedPx / widthPx) * 100));
}

export type Rest = 'closed' | 'bare' | 'gone';

export function restAfter(slide: number): Rest {
  if (slide >= WHOLE) return 'gone';
  return slide >= LEAST ? 'bare' : 'closed';
}

export function slideAtRest(rest: Rest): number {
  return rest === 'bare' ? BARE : 0;
}
