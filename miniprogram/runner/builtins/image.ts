/** `<image>`: a picture of the package, of the service or from a temporary file, cut and scaled by `mode`. */

import { builtIn } from '../runtime/built-in';

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
    const picture = host.control(document.createElement('img'));
    picture.draggable = false;
    picture.alt = '';
    picture.onload = () => {
      picture.toggleAttribute('data-broken', false);
      host.fire('load', { width: picture.naturalWidth, height: picture.naturalHeight });
    };
    picture.onerror = () => {
      picture.toggleAttribute('data-broken', true);
      host.fire('error', { errMsg: `GET ${host.values.src} failed` });
    };
    let shown = '';
    return () => {
      const { src, mode, lazyLoad, hidden } = host.values;
      host.element.setAttribute('mode', mode);
      host.element.toggleAttribute('hidden', hidden);
      picture.loading = lazyLoad ? 'lazy' : 'eager';
      if (src === shown) return;
      shown = src;
      if (src) picture.src = fromPackage(src, host.component.ownerShadowRoot?.getHostNode().is ?? '');
      else picture.removeAttribute('src');
    };
  },
});

/** `./pot.webp` in pages/styles/styles.wxml is /pages/styles/pot.webp. */
function fromPackage(src: string, owner: string): string {
  return /^([a-z]+:|\/)/i.test(src) ? src : new URL(src, `${location.origin}/${owner}`).href;
}
