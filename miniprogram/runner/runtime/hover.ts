/** `hover-class`: the look of a view, a button or a navigator while a finger is on it. */

import type { Host } from './built-in';

export const hoverProperties = {
  hoverClass: { type: String, value: 'none' },
  hoverStopPropagation: Boolean,
  hoverStartTime: { type: Number, value: 50 },
  hoverStayTime: { type: Number, value: 400 },
} as const;

export function hover(host: Host<typeof hoverProperties>): void {
  const show = (on: boolean) => {
    const { hoverClass } = host.values;
    if (hoverClass !== 'none' && hoverClass !== '') host.component.toggleNodeClass(hoverClass, on);
  };
  host.component.addListener('touchstart', () => show(true));
  host.component.addListener('touchend', () => void setTimeout(() => show(false), host.values.hoverStayTime));
  host.component.addListener('touchcancel', () => show(false));
}
