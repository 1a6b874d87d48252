/** What the service allows, to be checked before a photograph is sent. */
import { onLanguageChange } from '../i18n/index';
import type { components } from './api-types';
import { getPublic } from './http';

export type Limits = components['schemas']['ConfigRead'];

let asked: Promise<Limits> | null = null;
let hearing: (() => void) | null = null;

/** Asked once a language, which one of its sentences is in; a failure is not kept. */
export function limits(): Promise<Limits> {
  hearing ??= onLanguageChange(() => {
    asked = null;
  });
  asked ??= getPublic<Limits>('/v1/config').catch((error: unknown) => {
    asked = null;
    throw error;
  });
  return asked;
}
