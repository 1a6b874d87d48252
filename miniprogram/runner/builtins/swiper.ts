/** `<swiper>`: slides that are swiped horizontally or vertically, one visible at a time. */

import { builtIn } from '../platform/built-in';

export default builtIn({
  properties: {
    current: Number,
    indicatorDots: Boolean,
    indicatorColor: { type: String, value: 'rgba(0, 0, 0, .3)' },
    indicatorActiveColor: { type: String, value: '#000000' },
    autoplay: Boolean,
    interval: { type: Number, value: 5000 },
    duration: { type: Number, value: 500 },
    circular: Boolean,
    vertical: Boolean,
    previousMargin: { type: String, value: '0px' },
    nextMargin: { type: String, value: '0px' },
    displayMultipleItems: { type: Number, value: 1 },
    snapToEdge: Boolean,
    easingFunction: { type: String, value: 'default' },
  },
  mount(host) {
    const { element } = host;
    const dots = document.createElement('div');
    dots.className = 'swiper-dots';
    element.append(dots);
    let timer: ReturnType<typeof setInterval> | undefined;
    let dragStart: { x: number; y: number } | null = null;

    const slides = () => [...element.children].filter((child): child is HTMLElement => child.localName === 'wx-swiper-item');
    const layOut = (draggedPx = 0) => {
      const { current, vertical, duration, indicatorDots, indicatorColor, indicatorActiveColor } = host.values;
      const all = slides();
      all.forEach((slide, index) => {
        const offset = `calc(${(index - current) * 100}% + ${draggedPx}px)`;
        slide.style.transform = vertical ? `translateY(${offset})` : `translateX(${offset})`;
        slide.style.transition = draggedPx === 0 ? `transform ${duration}ms` : 'none';
        slide.setAttribute('aria-hidden', String(index !== current));
      });
      dots.replaceChildren(
        ...(indicatorDots ? all : []).map((_, index) => {
          const dot = document.createElement('i');
          dot.style.background = index === current ? indicatorActiveColor : indicatorColor;
          return dot;
        }),
      );
    };
    const goTo = (index: number, source: 'touch' | 'autoplay') => {
      const last = slides().length - 1;
      const isOutOfRange = index < 0 || index > last;
      const target = isOutOfRange && host.values.circular ? (index < 0 ? last : 0) : Math.max(0, Math.min(last, index));
      if (target === host.values.current) return layOut();
      host.set({ current: target });
      host.fire('change', { current: target, source });
      setTimeout(() => host.fire('animationfinish', { current: target, source }), host.values.duration);
    };
    element.addEventListener('pointerdown', (event) => {
      dragStart = { x: event.clientX, y: event.clientY };
    });
    window.addEventListener('pointermove', (event) => {
      if (dragStart) layOut(dragDistance(event));
    });
    const endDrag = (event: PointerEvent) => {
      if (!dragStart) return;
      const draggedPx = dragDistance(event);
      dragStart = null;
      const size = host.values.vertical ? element.clientHeight : element.clientWidth;
      if (Math.abs(draggedPx) > size / 5) goTo(host.values.current - Math.sign(draggedPx), 'touch');
      else layOut();
    };
    window.addEventListener('pointerup', endDrag);
    window.addEventListener('pointercancel', endDrag);
    new MutationObserver(() => layOut()).observe(element, { childList: true });

    function dragDistance(event: PointerEvent): number {
      return dragStart ? (host.values.vertical ? event.clientY - dragStart.y : event.clientX - dragStart.x) : 0;
    }

    return () => {
      const { autoplay, interval, vertical } = host.values;
      element.style.touchAction = vertical ? 'pan-x' : 'pan-y';
      clearInterval(timer);
      if (autoplay) {
        timer = setInterval(() => {
          if (!element.isConnected) return;
          const next = host.values.current + 1;
          goTo(next < slides().length ? next : 0, 'autoplay');
        }, interval);
      }
      layOut();
    };
  },
});
