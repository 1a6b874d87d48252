/** What a person has chosen for this phone. */
import { stored } from './stored';

export interface Preferences {
  language: 'auto' | 'zh' | 'en';
}

export const preferences = stored<Preferences>('preferences', { language: 'auto' });
