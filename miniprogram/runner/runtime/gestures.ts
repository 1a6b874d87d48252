/** Tells touches, taps and long presses to the mini program; a mouse counts as one finger, and Enter as a tap. */

import { origin } from './backend';
import { byId } from './elements';
import { tell } from './events';
import { noteTap } from './taps';

const STILL_PX = 10;
const LONG_PRESS_MS = 350;
const MOUSE = 0;

interface Touch {
  identifier: number;
  clientX: number;
  clientY: number;
  pageX: number;
  pageY: number;
}

/** A finger that is down and has not wandered: it may still become a tap. */
interface Press {
  touch: Touch;
  timer: ReturnType<typeof setTimeout>;
  spent: boolean;
}

const presses = new Map<number, Press>();

export function watchGestures(): void {
  const screen = byId('screen');
  for (const type of ['touchstart', 'touchmove', 'touchend', 'touchcancel'] as const) {
    // Not passive: a component that catches a move keeps the page from scrolling.
    screen.addEventListener(type, (event) => follow(type, event, list(event.touches), list(event.changedTouches)), { passive: false });
  }
  watchMouse(screen);
  screen.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    const worksLikeAButton = target.hasAttribute('tabindex') && !isField(target);
    if (!worksLikeAButton || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    tapCentreOf(target);
  });
  screen.addEventListener('click', (event) => {
    // A click without a pointer comes from a screen reader or from a script.
    if (event.detail === 0 && !isField(event.target)) tapCentreOf(event.target as HTMLElement);
  });
}

function watchMouse(screen: HTMLElement): void {
  let pressed: EventTarget | null = null;
  const tell = (type: TouchType, event: PointerEvent) => {
    const touch = touchAt(MOUSE, event);
    follow(type, event, type === 'touchend' ? [] : [touch], [touch], pressed);
  };
  screen.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'mouse' || event.button !== 0) return;
    pressed = event.target;
    tell('touchstart', event);
  });
  window.addEventListener('pointermove', (event) => {
    if (pressed && event.pointerType === 'mouse') tell('touchmove', event);
  });
  for (const end of ['pointerup', 'pointercancel'] as const) {
    window.addEventListener(end, (event) => {
      if (!pressed || event.pointerType !== 'mouse') return;
      tell(end === 'pointerup' ? 'touchend' : 'touchcancel', event);
      pressed = null;
    });
  }
}

type TouchType = 'touchstart' | 'touchmove' | 'touchend' | 'touchcancel';

function follow(type: TouchType, event: UIEvent, touches: Touch[], changedTouches: Touch[], target = event.target): void {
  const { prevented } = tell(target, type, { touches, changedTouches }, event);
  const becomesTap = type === 'touchend' && event.type === type && changedTouches.some(({ identifier }) => presses.has(identifier));
  if (event.cancelable && (prevented || (becomesTap && !isField(target)))) event.preventDefault();
  if (becomesTap && !isField(target)) leaveField();
  for (const touch of changedTouches) {
    if (type === 'touchstart') startPress(touch, target);
    else if (type === 'touchmove') cancelIfMoved(touch);
    else endPress(touch, target, type === 'touchend');
  }
}

/** The browser's own controls need the click that it makes of a touch; elsewhere it would hit what the tap has just opened. */
function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('input, textarea, select');
}

function leaveField(): void {
  if (isField(document.activeElement)) (document.activeElement as HTMLElement).blur();
}

function startPress(touch: Touch, target: EventTarget | null): void {
  const press: Press = {
    touch,
    spent: false,
    timer: setTimeout(() => {
      // Where somebody listens to long presses, the finger that leaves afterwards is no tap.
      press.spent = tell(target, 'longpress', fieldsOf(touch), undefined, pointOf(touch)).heard;
    }, LONG_PRESS_MS),
  };
  presses.set(touch.identifier, press);
}

function cancelIfMoved(touch: Touch): void {
  const press = presses.get(touch.identifier);
  if (!press) return;
  const distance = Math.max(Math.abs(touch.clientX - press.touch.clientX), Math.abs(touch.clientY - press.touch.clientY));
  if (distance > STILL_PX) forget(touch.identifier);
}

function endPress(touch: Touch, target: EventTarget | null, complete: boolean): void {
  const press = presses.get(touch.identifier);
  forget(touch.identifier);
  if (press && complete && !press.spent) tap(target, touch);
}

function forget(identifier: number): void {
  clearTimeout(presses.get(identifier)?.timer);
  presses.delete(identifier);
}

function tap(target: EventTarget | null, touch: Touch): void {
  if (target instanceof Element && target.closest('wx-button[disabled]')) return;
  noteTap();
  tell(target, 'tap', fieldsOf(touch), undefined, pointOf(touch));
}

function tapCentreOf(target: HTMLElement): void {
  const { left, top, width, height } = target.getBoundingClientRect();
  tap(target, touchAt(MOUSE, { clientX: left + width / 2, clientY: top + height / 2 }));
}

function fieldsOf(touch: Touch) {
  return { touches: [touch], changedTouches: [touch] };
}

function pointOf(touch: Touch) {
  return { x: touch.pageX, y: touch.pageY };
}

function list(touches: TouchList): Touch[] {
  return [...touches].map((touch) => touchAt(touch.identifier, touch));
}

function touchAt(identifier: number, { clientX, clientY }: { clientX: number; clientY: number }): Touch {
  const { left, top } = origin();
  const scrolled = document.querySelector('wx-page')?.scrollTop ?? 0;
  const x = clientX - left;
  const y = clientY - top;
  return { identifier, clientX: x, clientY: y, pageX: x, pageY: y + scrolled };
}
