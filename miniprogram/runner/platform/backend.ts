/** The DOM backend of glass-easel, extended by what WeChat adds: device coordinates, `rpx` in `style` and `data-*` in the DOM. */

import { glassEasel } from 'glass-easel-miniprogram-adapter';
import { environment } from '../state/mini-program';
import { byId } from './dom';

type GlassElement = glassEasel.Element;

/** gestures.ts and the built-in tags dispatch all events, so this backend does not listen to the DOM. */
class DeviceBackend extends glassEasel.CurrentWindowBackendContext {
  override setListenerStats(): void {}

  override onEvent(): void {}

  override getWindowWidth(): number {
    return byId('screen').clientWidth;
  }

  override getWindowHeight(): number {
    return byId('screen').clientHeight;
  }
}

export const backend = environment.associateBackend(new DeviceBackend() as never);

/** The glass-easel element that a DOM node belongs to. */
export function glassElementOf(node: EventTarget | null): GlassElement | null {
  for (let current = node as (Node & { __wxElement?: GlassElement }) | null; current; current = current.parentNode) {
    if (current.__wxElement) return current.__wxElement;
  }
  return null;
}

/** The area of the page. Its top left corner is (0, 0) for the mini program. */
export function screenRect(): DOMRect {
  return byId('screen').getBoundingClientRect();
}

/** Replaces `rpx` in an inline style. compile/styles.mjs does the same for style sheets. */
export function convertRpx(style: string): string {
  return style.replace(/(-?\d*\.?\d+)rpx\b/g, 'calc(var(--screen-width) * $1 / 750)');
}

export function patchElements(): void {
  const prototype = glassEasel.Element.prototype;

  const setDataset = prototype.setDataset;
  prototype.setDataset = function setDatasetInDom(this: GlassElement, name, value) {
    setDataset.call(this, name, value);
    const host = this.getBackendElement() as unknown as HTMLElement | null;
    if (host?.setAttribute && typeof value !== 'object') {
      host.setAttribute(`data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, String(value));
    }
  };

  const setNodeStyle = prototype.setNodeStyle;
  prototype.setNodeStyle = function setConvertedStyle(this: GlassElement, style, index) {
    setNodeStyle.call(this, convertRpx(style), index);
  };

  const getBoundingClientRect = prototype.getBoundingClientRect;
  prototype.getBoundingClientRect = function getRectOnScreen(this: GlassElement, callback) {
    getBoundingClientRect.call(this, (rect) => {
      const { left, top } = screenRect();
      callback({ left: rect.left - left, top: rect.top - top, width: rect.width, height: rect.height });
    });
  };
}
