/** Dispatches events to the mini program, where WXML can bind or catch them. */

import { glassEasel } from 'glass-easel-miniprogram-adapter';
import { glassElementOf } from './backend';
import { byId } from './dom';

interface DispatchResult {
  /** A handler caught the event, so the browser must not act on it either. */
  isPrevented: boolean;
  hasListener: boolean;
}

export function dispatch(target: EventTarget | null, type: string, extraFields: object, originalEvent?: Event, detail: object = {}): DispatchResult {
  const result = { isPrevented: false, hasListener: false };
  const element = glassElementOf(target);
  if (!element) return result;
  const event = new glassEasel.Event(type, detail, {
    originalEvent,
    bubbles: true,
    composed: true,
    capturePhase: true,
    extraFields: { ...extraFields },
    handleListenerReturn(returned) {
      result.hasListener = true;
      return returned as boolean;
    },
  });
  event.dispatch(element);
  result.isPrevented = event.defaultPrevented();
  return result;
}

/** Dispatches `transitionend` and the animation events. */
export function watchAnimations(): void {
  for (const type of ['transitionend', 'animationstart', 'animationiteration', 'animationend'] as const) {
    byId('screen').addEventListener(type, (event) => dispatch(event.target, type, {}, event, { elapsedTime: event.elapsedTime }));
  }
}
