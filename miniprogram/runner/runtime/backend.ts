/** The browser as glass-easel draws into it, with what WeChat adds: phone coordinates, rpx in `style`, data-* in the DOM. */

import { glassEasel } from 'glass-easel-miniprogram-adapter';
import { byId } from './elements';

type GlassElement = glassEasel.Element;

/** Events are told by gestures.ts and by the built-ins alone, so nothing listens to the DOM here. */
export class PhoneBackend extends glassEasel.CurrentWindowBackendContext {
  override setListenerStats(): void {}

  override onEvent(): void {}

  override getWindowWidth(): number {
    return byId('screen').clientWidth;
  }

  override getWindowHeight(): number {
    return byId('screen').clientHeight;
  }
}

/** The glass-easel element that a DOM node belongs to. */
export function elementOf(node: EventTarget | null): GlassElement | null {
  for (let at = node as (Node & { __wxElement?: GlassElement }) | null; at; at = at.parentNode) {
    if (at.__wxElement) return at.__wxElement;
  }
  return null;
}

/** Where the page begins: (0, 0) of every coordinate that the mini program sees. */
export function origin(): DOMRect {
  return byId('screen').getBoundingClientRect();
}

export function inBrowserUnits(style: string): string {
  return style.replace(/(-?\d*\.?\d+)rpx\b/g, 'calc(var(--w) * $1 / 750)');
}

export function adaptElements(): void {
  const prototype = glassEasel.Element.prototype;

  const setDataset = prototype.setDataset;
  prototype.setDataset = function shown(this: GlassElement, name, value) {
    setDataset.call(this, name, value);
    const host = this.getBackendElement() as unknown as HTMLElement | null;
    if (host?.setAttribute && typeof value !== 'object') {
      host.setAttribute(`data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, String(value));
    }
  };

  const setNodeStyle = prototype.setNodeStyle;
  prototype.setNodeStyle = function converted(this: GlassElement, style, index) {
    setNodeStyle.call(this, inBrowserUnits(style), index);
  };

  const getBoundingClientRect = prototype.getBoundingClientRect;
  prototype.getBoundingClientRect = function onThePhone(this: GlassElement, callback) {
    getBoundingClientRect.call(this, (rect) => {
      const { left, top } = origin();
      callback({ left: rect.left - left, top: rect.top - top, width: rect.width, height: rect.height });
    });
  };
}
