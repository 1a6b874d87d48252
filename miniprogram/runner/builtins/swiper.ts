/** `<swiper>`: leaves that are pulled sideways (or upwards), one in view at a time. */

import { builtIn } from '../runtime/built-in';

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
    let grip: { x: number; y: number } | null = null;

    const leaves = () => [...element.children].filter((child): child is HTMLElement => child.localName === 'wx-swiper-item');
    const place = (pulled = 0) => {
      const { current, vertical, duration, indicatorDots, indicatorColor, indicatorActiveColor } = host.values;
      const all = leaves();
      all.forEach((leaf, index) => {
        const along = `calc(${(index - current) * 100}% + ${pulled}px)`;
        leaf.style.transform = vertical ? `translateY(${along})` : `translateX(${along})`;
        leaf.style.transition = pulled === 0 ? `transform ${duration}ms` : 'none';
        leaf.setAttribute('aria-hidden', String(index !== current));
      });
      dots.replaceChildren(
        ...(indicatorDots ? all : []).map((_, index) => {
          const dot = document.createElement('i');
          dot.style.background = index === current ? indicatorActiveColor : indicatorColor;
          return dot;
        }),
      );
    };
    const turnTo = (index: number, source: 'touch' | 'autoplay') => {
      const last = leaves().length - 1;
      const past = index < 0 || index > last;
      const target = past && host.values.circular ? (index < 0 ? last : 0) : Math.max(0, Math.min(last, index));
      if (target === host.values.current) return place();
      host.set({ current: target });
      host.fire('change', { current: target, source });
      setTimeout(() => host.fire('animationfinish', { current: target, source }), host.values.duration);
    };
    element.addEventListener('pointerdown', (event) => {
      grip = { x: event.clientX, y: event.clientY };
    });
    window.addEventListener('pointermove', (event) => {
      if (grip) place(pull(event));
    });
    const release = (event: PointerEvent) => {
      if (!grip) return;
      const pulled = pull(event);
      grip = null;
      const size = host.values.vertical ? element.clientHeight : element.clientWidth;
      if (Math.abs(pulled) > size / 5) turnTo(host.values.current - Math.sign(pulled), 'touch');
      else place();
    };
    window.addEventListener('pointerup', release);
    window.addEventListener('pointercancel', release);
    new MutationObserver(() => place()).observe(element, { childList: true });

    function pull(event: PointerEvent): number {
      return grip ? (host.values.vertical ? event.clientY - grip.y : event.clientX - grip.x) : 0;
    }

    return () => {
      const { autoplay, interval, vertical } = host.values;
      element.style.touchAction = vertical ? 'pan-x' : 'pan-y';
      clearInterval(timer);
      if (autoplay) {
        timer = setInterval(() => {
          if (!element.isConnected) return;
          const next = host.values.current + 1;
          turnTo(next < leaves().length ? next : 0, 'autoplay');
        }, interval);
      }
      place();
    };
  },
});
