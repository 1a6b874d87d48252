/** The user's account. */
import { preferences } from '../store/preferences';
import { clearLocalData } from '../store/stored-value';
import { remove, session } from './http';

export const account = {
  async userId(): Promise<string> {
    return (await session.token()).user.id;
  },

  /** Deletes the user with all data on the service, then all data on this device. The chosen language stays: it is not personal data. */
  async eraseEverything(): Promise<void> {
    await remove<unknown>('/v1/me');
    const chosen = preferences.get();
    clearLocalData();
    preferences.set(chosen);
  },
};
