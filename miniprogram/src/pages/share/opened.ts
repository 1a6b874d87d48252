/** How a shared work was opened, and what can be said when it does not show. It knows no page and no `wx`. */
import { NO_ANSWER } from '../../services/errors';

interface Words {
  zh: string;
  en: string;
}

/** What stands in place of the picture, as a family of words of the share area. */
export type Trouble = 'gone' | 'expired' | 'pending' | 'rejected' | 'offline' | 'failed';

/** From a link, or from the code of a poster, whose scene is url-encoded. */
export function tokenOf({ token, scene }: { token?: string; scene?: string }): string {
  return token || (scene ? decodeURIComponent(scene) : '');
}

export function troubleOf(code: string): Trouble {
  if (code === 'not_found' || code === 'forbidden') return 'gone';
  if (code === 'expired') return 'expired';
  if (code === 'check_pending' || code === 'under_review') return 'pending';
  if (code === 'content_rejected') return 'rejected';
  return NO_ANSWER.includes(code) ? 'offline' : 'failed';
}

/** The style of a shared work, which is known by its name alone; nothing for a mixture, or for somebody's own. */
export function styleCalled(name: Words, styles: { id: string; name: Words }[]): string | undefined {
  return styles.find((style) => style.name.zh === name.zh && style.name.en === name.en)?.id;
}

/** Whether asking again may help. */
export function isPassing(trouble: Trouble): boolean {
  return trouble === 'pending' || trouble === 'offline' || trouble === 'failed';
}
