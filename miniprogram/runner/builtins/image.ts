/** `<image>`: an image from the package, the service or a temporary file, cropped and scaled by `mode`. */

import { builtIn } from '../platform/built-in';

export default builtIn({
  properties: {
    src: String,
    mode: { type: String, value: 'scaleToFill' },
    lazyLoad: Boolean,
    fadeIn: Boolean,
    webp: Boolean,
    showMenuByLongpress: Boolean,
    hidden: Boolean,
  },
  mount(host) {
    const image = host.addControl(document.createElement('img'));
    image.draggable = false;
    image.alt = '';
    image.onload = () => {
      image.toggleAttribute('data-broken', false);
      host.fire('load', { width: image.naturalWidth, height: image.naturalHeight });
    };
    image.onerror = () => {
      image.toggleAttribute('data-broken', true);
      host.fire('error', { errMsg: `GET ${host.values.src} failed` });
    };
    let currentSource = '';
    return () => {
      const { src, mode, lazyLoad, hidden } = host.values;
      host.element.setAttribute('mode', mode);
      host.element.toggleAttribute('hidden', hidden);
      image.loading = lazyLoad ? 'lazy' : 'eager';
      if (src === currentSource) return;
      currentSource = src;
      if (src) image.src = resolveSource(src, host.component.ownerShadowRoot?.getHostNode().is ?? '');
      else image.removeAttribute('src');
    };
  },
});

/** Resolves a relative path: `./pot.webp` in pages/styles/styles.wxml becomes /pages/styles/pot.webp. */
function resolveSource(src: string, owner: string): string {
  return /^([a-z]+:|\/)/i.test(src) ? src : new URL(src, `${location.origin}/${owner}`).href;
}
