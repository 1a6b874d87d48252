/** Dispatches touches, taps and long presses to the mini program. A mouse counts as one finger; Enter and Space count as a tap. */

import { recordTap } from '../state/recent-tap';
import { screenRect } from './backend';
import { byId } from './dom';
import { dispatch } from './events';

const TAP_TOLERANCE_PX = 10;
const LONG_PRESS_MS = 350;
const MOUSE_IDENTIFIER = 0;

type TouchType = 'touchstart' | 'touchmove' | 'touchend' | 'touchcancel';

interface Touch {
  identifier: number;
  clientX: number;
  clientY: number;
  pageX: number;
  pageY: number;
}

/** A touch that has hardly moved and may still become a tap. */
interface TapCandidate {
  start: Touch;
  longPressTimer: ReturnType<typeof setTimeout>;
  isLongPress: boolean;
}

const tapCandidates = new Map<number, TapCandidate>();

export function watchGestures(): void {
  const screen = byId('screen');
  for (const type of ['touchstart', 'touchmove', 'touchend', 'touchcancel'] as const) {
    // Not passive, so that a component can catch a move and keep the page from scrolling.
    screen.addEventListener(type, (event) => handleTouch(type, event, touchesOf(event.touches), touchesOf(event.changedTouches)), { passive: false });
  }
  watchMouse(screen);
  screen.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    const actsAsButton = target.hasAttribute('tabindex') && !isField(target);
    if (!actsAsButton || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    tapCenterOf(target);
  });
  screen.addEventListener('click', (event) => {
    // A click without a pointer comes from a screen reader or from a script.
    if (event.detail === 0 && !isField(event.target)) tapCenterOf(event.target as HTMLElement);
  });
}

function watchMouse(screen: HTMLElement): void {
  let pressedTarget: EventTarget | null = null;
  const handle = (type: TouchType, event: PointerEvent) => {
    const touch = touchAt(MOUSE_IDENTIFIER, event);
    handleTouch(type, event, type === 'touchend' ? [] : [touch], [touch], pressedTarget);
  };
  screen.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'mouse' || event.button !== 0) return;
    pressedTarget = event.target;
    handle('touchstart', event);
  });
  window.addEventListener('pointermove', (event) => {
    if (pressedTarget && event.pointerType === 'mouse') handle('touchmove', event);
  });
  for (const type of ['pointerup', 'pointercancel'] as const) {
    window.addEventListener(type, (event) => {
      if (!pressedTarget || event.pointerType !== 'mouse') return;
      handle(type === 'pointerup' ? 'touchend' : 'touchcancel', event);
      pressedTarget = null;
    });
  }
}

function handleTouch(type: TouchType, event: UIEvent, touches: Touch[], changedTouches: Touch[], target = event.target): void {
  const { isPrevented } = dispatch(target, type, { touches, changedTouches }, event);
  const isTap = type === 'touchend' && event.type === type && changedTouches.some(({ identifier }) => tapCandidates.has(identifier));
  if (event.cancelable && (isPrevented || (isTap && !isField(target)))) event.preventDefault();
  if (isTap && !isField(target)) blurField();
  for (const touch of changedTouches) {
    if (type === 'touchstart') addTapCandidate(touch, target);
    else if (type === 'touchmove') removeIfMoved(touch);
    else finishTouch(touch, target, type === 'touchend');
  }
}

/**
 * Native fields need the click that the browser generates from a touch. For all other elements that click is suppressed,
 * because it would hit what the tap has just opened.
 */
function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('input, textarea, select');
}

function blurField(): void {
  if (isField(document.activeElement)) (document.activeElement as HTMLElement).blur();
}

function addTapCandidate(touch: Touch, target: EventTarget | null): void {
  const candidate: TapCandidate = {
    start: touch,
    isLongPress: false,
    longPressTimer: setTimeout(() => {
      // If a handler listens to long presses, lifting the finger afterwards is not a tap.
      candidate.isLongPress = dispatch(target, 'longpress', touchFields(touch), undefined, pagePoint(touch)).hasListener;
    }, LONG_PRESS_MS),
  };
  tapCandidates.set(touch.identifier, candidate);
}

function removeIfMoved(touch: Touch): void {
  const candidate = tapCandidates.get(touch.identifier);
  if (!candidate) return;
  const distance = Math.max(Math.abs(touch.clientX - candidate.start.clientX), Math.abs(touch.clientY - candidate.start.clientY));
  if (distance > TAP_TOLERANCE_PX) removeTapCandidate(touch.identifier);
}

function finishTouch(touch: Touch, target: EventTarget | null, isCompleted: boolean): void {
  const candidate = tapCandidates.get(touch.identifier);
  removeTapCandidate(touch.identifier);
  if (candidate && isCompleted && !candidate.isLongPress) tap(target, touch);
}

function removeTapCandidate(identifier: number): void {
  clearTimeout(tapCandidates.get(identifier)?.longPressTimer);
  tapCandidates.delete(identifier);
}

function tap(target: EventTarget | null, touch: Touch): void {
  if (target instanceof Element && target.closest('wx-button[disabled]')) return;
  recordTap();
  dispatch(target, 'tap', touchFields(touch), undefined, pagePoint(touch));
}

function tapCenterOf(target: HTMLElement): void {
  const { left, top, width, height } = target.getBoundingClientRect();
  tap(target, touchAt(MOUSE_IDENTIFIER, { clientX: left + width / 2, clientY: top + height / 2 }));
}

function touchFields(touch: Touch) {
  return { touches: [touch], changedTouches: [touch] };
}

function pagePoint(touch: Touch) {
  return { x: touch.pageX, y: touch.pageY };
}

function touchesOf(touches: TouchList): Touch[] {
  return [...touches].map((touch) => touchAt(touch.identifier, touch));
}

/** Converts window coordinates to coordinates of the device's screen and page. */
function touchAt(identifier: number, { clientX, clientY }: { clientX: number; clientY: number }): Touch {
  const { left, top } = screenRect();
  const scrollTop = document.querySelector('wx-page')?.scrollTop ?? 0;
  const x = clientX - left;
  const y = clientY - top;
  return { identifier, clientX: x, clientY: y, pageX: x, pageY: y + scrollTop };
}
