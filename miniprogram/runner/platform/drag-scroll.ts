/** Lets a mouse drag a horizontally scrolling element, because a mouse cannot swipe. */

export function enableDragScroll(element: HTMLElement): void {
  let drag: { startX: number; startScrollLeft: number } | null = null;
  element.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'mouse' && event.button === 0) drag = { startX: event.clientX, startScrollLeft: element.scrollLeft };
  });
  window.addEventListener('pointermove', (event) => {
    if (drag && element.isConnected) element.scrollLeft = drag.startScrollLeft - (event.clientX - drag.startX);
  });
  window.addEventListener('pointerup', () => {
    drag = null;
  });
}
