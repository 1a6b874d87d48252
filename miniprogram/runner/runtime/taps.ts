/** Knows whether a tap is under way, for some APIs of WeChat answer to a finger only. */

// As long as Chromium itself calls a press recent: later it would not open a file dialog either.
const RECENT_MS = 5000;

let underWay = false;
let last = -Infinity;

/** To be called when a finger or the mouse has tapped something, before the tap is told. */
export function noteTap(): void {
  last = Date.now();
  underWay = true;
  // Promise steps that follow at once still belong to the tap; anything that really waits does not.
  setTimeout(() => {
    underWay = false;
  });
}

export function tapIsUnderWay(): boolean {
  return underWay;
}

export function tapWasJustNow(): boolean {
  return Date.now() - last < RECENT_MS;
}
