/** Records taps, because some WeChat APIs work only in response to a tap. */

// Chromium treats a press as recent for this long. After that it would not open a file dialog either.
const RECENT_MS = 5000;

let isActive = false;
let lastTapAt = -Infinity;

/** Call before a tap is dispatched to the mini program. */
export function recordTap(): void {
  lastTapAt = Date.now();
  isActive = true;
  // Promise callbacks that run immediately still belong to the tap. Code that waits longer does not.
  setTimeout(() => {
    isActive = false;
  });
}

/** Whether a tap is being handled right now. */
export function isTapActive(): boolean {
  return isActive;
}

export function wasTappedRecently(): boolean {
  return Date.now() - lastTapAt < RECENT_MS;
}
