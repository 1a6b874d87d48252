/** The user's settings on this device. */
import { storedValue } from './stored-value';

export interface Preferences {
  language: 'auto' | 'zh' | 'en';
}

export const preferences = storedValue<Preferences>('preferences', { language: 'auto' });
