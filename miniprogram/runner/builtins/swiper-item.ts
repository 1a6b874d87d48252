/** `<swiper-item>`: one leaf of a swiper, which places it. */

import { builtIn } from '../runtime/built-in';

export default builtIn({ properties: { itemId: String, skipHiddenItemLayout: Boolean } });
