/** `hover-class`: the class that a view, button or navigator has while it is touched. */

import type { Host } from './built-in';

export const hoverProperties = {
  hoverClass: { type: String, value: 'none' },
  hoverStopPropagation: Boolean,
  hoverStartTime: { type: Number, value: 50 },
  hoverStayTime: { type: Number, value: 400 },
} as const;

export function enableHover(host: Host<typeof hoverProperties>): void {
  const setHovered = (isHovered: boolean) => {
    const { hoverClass } = host.values;
    if (hoverClass !== 'none' && hoverClass !== '') host.component.toggleNodeClass(hoverClass, isHovered);
  };
  host.component.addListener('touchstart', () => setHovered(true));
  host.component.addListener('touchend', () => void setTimeout(() => setHovered(false), host.values.hoverStayTime));
  host.component.addListener('touchcancel', () => setHovered(false));
}
