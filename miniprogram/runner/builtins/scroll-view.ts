/** `<scroll-view>`: a part of the page that scrolls by itself. */

import { builtIn, reflect } from '../runtime/built-in';
import { scrollByMouse } from '../runtime/drag-scroll';

export default builtIn({
  properties: {
    scrollX: Boolean,
    scrollY: Boolean,
    upperThreshold: { type: Number, value: 50 },
    lowerThreshold: { type: Number, value: 50 },
    scrollTop: Number,
    scrollLeft: Number,
    scrollIntoView: String,
    scrollWithAnimation: Boolean,
    enableFlex: Boolean,
    enhanced: Boolean,
    bounces: { type: Boolean, value: true },
    showScrollbar: { type: Boolean, value: true },
    enablePassive: Boolean,
    pagingEnabled: Boolean,
    scrollAnchoring: Boolean,
    fastDeceleration: Boolean,
    enableBackToTop: Boolean,
    hidden: Boolean,
  },
  mount(host) {
    const { element } = host;
    const asked = { scrollTop: 0, scrollLeft: 0, scrollIntoView: '' };
    let edge = { upper: true, lower: false };
    scrollByMouse(element);
    element.addEventListener('scroll', () => {
      const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = element;
      host.fire('scroll', { scrollLeft, scrollTop, scrollWidth, scrollHeight });
      const across = host.values.scrollX && !host.values.scrollY;
      const before = across ? scrollLeft : scrollTop;
      const after = across ? scrollWidth - clientWidth - scrollLeft : scrollHeight - clientHeight - scrollTop;
      const now = { upper: before <= host.values.upperThreshold, lower: after <= host.values.lowerThreshold };
      if (now.upper && !edge.upper) host.fire('scrolltoupper', { direction: across ? 'left' : 'top' });
      if (now.lower && !edge.lower) host.fire('scrolltolower', { direction: across ? 'right' : 'bottom' });
      edge = now;
    });
    return () => {
      const { scrollX, scrollY, scrollTop, scrollLeft, scrollIntoView, scrollWithAnimation, enableFlex, showScrollbar, hidden } = host.values;
      reflect(element, 'scroll-x', scrollX);
      reflect(element, 'scroll-y', scrollY);
      reflect(element, 'enable-flex', enableFlex);
      reflect(element, 'hide-scrollbar', !showScrollbar);
      reflect(element, 'hidden', hidden);
      const behavior = scrollWithAnimation ? 'smooth' : 'instant';
      if (scrollTop !== asked.scrollTop) element.scrollTo({ top: scrollTop, behavior });
      if (scrollLeft !== asked.scrollLeft) element.scrollTo({ left: scrollLeft, behavior });
      if (scrollIntoView !== asked.scrollIntoView) setTimeout(() => scrollTo(scrollIntoView, behavior));
      Object.assign(asked, { scrollTop, scrollLeft, scrollIntoView });
    };

    function scrollTo(id: string, behavior: ScrollBehavior): void {
      const target = id ? host.component.ownerShadowRoot?.querySelector(`#${id}`)?.getBackendElement() : null;
      if (!target) return;
      const wanted = (target as unknown as HTMLElement).getBoundingClientRect();
      const own = element.getBoundingClientRect();
      element.scrollBy({ left: host.values.scrollX ? wanted.left - own.left : 0, top: host.values.scrollY ? wanted.top - own.top : 0, behavior });
    }
  },
});
