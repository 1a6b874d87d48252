/** `<swiper-item>`: one slide of a `<swiper>`, which positions it. */

import { builtIn } from '../platform/built-in';

export default builtIn({ properties: { itemId: String, skipHiddenItemLayout: Boolean } });
