/** What can be chosen: the presets, and pictures of one's own. */
import type { components } from './api-types';
import { get, remove, upload, type Upload } from './http';

export type Style = components['schemas']['StyleRead'];

/** In the order in which they are shown; their names are `common.family_…`. */
export const FAMILIES: readonly string[] = ['own', 'clay', 'ink', 'oil', 'print', 'ornament', 'abstract'];

const KEPT_MS = 5 * 60_000; // the addresses of own pictures hold longer

let kept: { styles: Style[]; at: number } | null = null;

export const styles = {
  /** Presets in their order, then one's own, newest first. Known ones are kept for five minutes, or until `fresh`. */
  async all(fresh = false): Promise<Style[]> {
    if (kept && !fresh && Date.now() - kept.at < KEPT_MS) return kept.styles;
    const found: Style[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: Style[]; next?: string | null } = await get('/v1/styles', { cursor });
      found.push(...page.items);
      cursor = page.next ?? null;
    } while (cursor);
    kept = { styles: found, at: Date.now() };
    return found;
  },

  async find(id: string): Promise<Style | null> {
    const known = (await styles.all()).find((style) => style.id === id);
    return known ?? (await styles.all(true)).find((style) => style.id === id) ?? null;
  },

  add(path: string, name: string, key: string, onProgress?: (share: number) => void): Upload<Style> {
    const added = upload<Style>('/v1/styles', path, { name }, key, onProgress);
    return { ...added, done: added.done.then(forgetKept) };
  },

  async remove(id: string): Promise<void> {
    await remove(`/v1/styles/${id}`);
    forgetKept(null);
  },
};

/** For a phone that changes its owner. */
export function forgetStyles(): void {
  kept = null;
}

function forgetKept<T>(answer: T): T {
  kept = null;
  return answer;
}
