/** The size limit of `setData`. */

import { glassEasel } from 'glass-easel-miniprogram-adapter';
import { usageError } from '../state/error-log';

const MAX_LENGTH = 1024 * 1024;

/** Makes `setData` throw for more than 1 MB, the most that WeChat transfers between its two processes on a phone. */
export function limitSetData(): void {
  const prototype = glassEasel.Component.prototype;
  const setData = prototype.setData;
  prototype.setData = function setLimitedData(this: glassEasel.GeneralComponent, data) {
    const length = JSON.stringify(data ?? {}).length;
    if (length > MAX_LENGTH) throw usageError(`setData of ${this.is}: ${length} characters, more than 1 MB`);
    setData.call(this, data);
  };
}
