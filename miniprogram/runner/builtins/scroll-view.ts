/** `<scroll-view>`: a scrollable area of the page. */

import { builtIn } from '../platform/built-in';
import { enableDragScroll } from '../platform/drag-scroll';

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
    const applied = { scrollTop: 0, scrollLeft: 0, scrollIntoView: '' };
    let reached = { upper: true, lower: false };
    enableDragScroll(element);
    element.addEventListener('scroll', () => {
      const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = element;
      host.fire('scroll', { scrollLeft, scrollTop, scrollWidth, scrollHeight });
      const isHorizontal = host.values.scrollX && !host.values.scrollY;
      const distanceToStart = isHorizontal ? scrollLeft : scrollTop;
      const distanceToEnd = isHorizontal ? scrollWidth - clientWidth - scrollLeft : scrollHeight - clientHeight - scrollTop;
      const now = { upper: distanceToStart <= host.values.upperThreshold, lower: distanceToEnd <= host.values.lowerThreshold };
      if (now.upper && !reached.upper) host.fire('scrolltoupper', { direction: isHorizontal ? 'left' : 'top' });
      if (now.lower && !reached.lower) host.fire('scrolltolower', { direction: isHorizontal ? 'right' : 'bottom' });
      reached = now;
    });
    return () => {
      const { scrollX, scrollY, scrollTop, scrollLeft, scrollIntoView, scrollWithAnimation, enableFlex, showScrollbar, hidden } = host.values;
      element.toggleAttribute('scroll-x', scrollX);
      element.toggleAttribute('scroll-y', scrollY);
      element.toggleAttribute('enable-flex', enableFlex);
      element.toggleAttribute('hide-scrollbar', !showScrollbar);
      element.toggleAttribute('hidden', hidden);
      const behavior = scrollWithAnimation ? 'smooth' : 'instant';
      if (scrollTop !== applied.scrollTop) element.scrollTo({ top: scrollTop, behavior });
      if (scrollLeft !== applied.scrollLeft) element.scrollTo({ left: scrollLeft, behavior });
      if (scrollIntoView !== applied.scrollIntoView) setTimeout(() => scrollToElement(scrollIntoView, behavior));
      Object.assign(applied, { scrollTop, scrollLeft, scrollIntoView });
    };

    function scrollToElement(id: string, behavior: ScrollBehavior): void {
      const target = id ? host.component.ownerShadowRoot?.querySelector(`#${id}`)?.getBackendElement() : null;
      if (!target) return;
      const targetRect = (target as unknown as HTMLElement).getBoundingClientRect();
      const ownRect = element.getBoundingClientRect();
      const left = host.values.scrollX ? targetRect.left - ownRect.left : 0;
      const top = host.values.scrollY ? targetRect.top - ownRect.top : 0;
      element.scrollBy({ left, top, behavior });
    }
  },
});
