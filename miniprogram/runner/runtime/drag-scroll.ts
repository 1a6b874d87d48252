/** Lets a mouse pull a row that scrolls sideways, for a mouse cannot swipe it. */

export function scrollByMouse(element: HTMLElement, released: () => void = () => {}): void {
  let grip: { x: number; left: number } | null = null;
  element.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'mouse' && event.button === 0) grip = { x: event.clientX, left: element.scrollLeft };
  });
  window.addEventListener('pointermove', (event) => {
    if (grip && element.isConnected) element.scrollLeft = grip.left - (event.clientX - grip.x);
  });
  window.addEventListener('pointerup', () => {
    if (grip) released();
    grip = null;
  });
}
