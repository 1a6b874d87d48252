/** The limits of WeChat that a browser does not have by itself. */

import { glassEasel } from 'glass-easel-miniprogram-adapter';
import { mistake } from './errors';

const SET_DATA_BYTES = 1024 * 1024;

/** `setData` carries its data from one process to another on a phone, 1 MB at most. */
export function limitSetData(): void {
  const prototype = glassEasel.Component.prototype;
  const setData = prototype.setData;
  prototype.setData = function limited(this: glassEasel.GeneralComponent, data) {
    const size = JSON.stringify(data ?? {}).length;
    if (size > SET_DATA_BYTES) throw mistake(`setData of ${this.is}: ${size} characters, more than 1 MB`);
    setData.call(this, data);
  };
}
