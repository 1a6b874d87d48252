/** Who one is here, and how to be forgotten. */
import { remove, session } from './http';
import { forgetStyles } from './styles';
import { preferences } from '../store/preferences';
import { forgetStored } from '../store/stored';

export const account = {
  async userId(): Promise<string> {
    return (await session.token()).user.id;
  },

  /** Erase the user with everything of theirs, here and at the service. The language stays: it says nothing of anyone. */
  async eraseEverything(): Promise<void> {
    await remove<unknown>('/v1/me');
    const chosen = preferences.get();
    for (const forget of forgetting) forget();
    forgetStored();
    preferences.set(chosen);
  },
};

const forgetting: (() => void)[] = [forgetStyles];

/** What else remembers something of the user has to forget it then. */
export function whenErased(forget: () => void): void {
  forgetting.push(forget);
}
