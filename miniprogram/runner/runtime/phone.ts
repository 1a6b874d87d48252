/** The one phone that the runner shows: what built-ins and wx.* reach for. It is filled in by boot.ts. */

import type { Address } from './address';
import type { Bars } from './bars';
import type { Launch } from './life';
import type { Navigation } from './navigation';

export interface Phone {
  navigation: Navigation;
  bars: Bars;
  address: Address;
  launch: Launch;
}

export const phone = {} as Phone;
