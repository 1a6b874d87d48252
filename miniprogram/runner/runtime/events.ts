/** Sends what happens in the DOM up through the mini program, as an event that its WXML can bind or catch. */

import { glassEasel } from 'glass-easel-miniprogram-adapter';
import { elementOf } from './backend';
import { byId } from './elements';

interface Outcome {
  /** Somebody caught it, so the browser shall not act on it either. */
  prevented: boolean;
  /** Somebody listened. */
  heard: boolean;
}

export function tell(target: EventTarget | null, type: string, extraFields: object, originalEvent?: Event, detail: object = {}): Outcome {
  const outcome = { prevented: false, heard: false };
  const element = elementOf(target);
  if (!element) return outcome;
  const event = new glassEasel.Event(type, detail, {
    originalEvent,
    bubbles: true,
    composed: true,
    capturePhase: true,
    extraFields: { ...extraFields },
    handleListenerReturn(returned) {
      outcome.heard = true;
      return returned as boolean;
    },
  });
  event.dispatch(element);
  outcome.prevented = event.defaultPrevented();
  return outcome;
}

/** `bindtransitionend`, `bindanimationend` and the like. */
export function watchAnimations(): void {
  for (const type of ['transitionend', 'animationstart', 'animationiteration', 'animationend'] as const) {
    byId('screen').addEventListener(type, (event) => tell(event.target, type, {}, event, { elapsedTime: event.elapsedTime }));
  }
}
