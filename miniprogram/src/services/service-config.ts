/** The limits and settings of the service, from `/v1/config`. */
import { onLanguageChange } from '../i18n/index';
import type { components } from './api-types';
import { getPublic } from './http';

export type ServiceConfig = components['schemas']['ConfigRead'];
/** The range of the style strength (tau), with the step of the slider and the default. */
export type StrengthRange = ServiceConfig['tau'];

/** Used only until `/v1/config` has arrived; the service defines the range. */
export const FALLBACK_STRENGTH_RANGE: StrengthRange = { min: 0, max: 1.5, step: 0.05, default: 1 };

let pending: Promise<ServiceConfig> | null = null;
let unsubscribe: (() => void) | null = null;

/** Requests the configuration once for each language, because one of its texts is localized. A failed request is repeated by the next call. */
export function serviceConfig(): Promise<ServiceConfig> {
  unsubscribe ??= onLanguageChange(() => {
    pending = null;
  });
  pending ??= getPublic<ServiceConfig>('/v1/config').catch((error: unknown) => {
    pending = null;
    throw error;
  });
  return pending;
}
