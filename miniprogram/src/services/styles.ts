/** The styles: presets, and the user's own. */
import { t, type TextKey } from '../i18n/index';
import { onLocalDataCleared } from '../store/stored-value';
import type { components } from './api-types';
import { get, remove, upload, type Upload } from './http';

export type Style = components['schemas']['StyleRead'];

/** In display order. */
export const CATEGORIES: readonly string[] = ['own', 'clay', 'ink', 'oil', 'print', 'ornament', 'abstract'];

export const NIXI_STYLE_ID = 'nixi-black-pottery';

/** Shorter than the lifetime of the signed picture addresses. */
const CACHE_MS = 5 * 60_000;

let cache: { styles: Style[]; at: number } | null = null;

onLocalDataCleared(clearCache);

export const styles = {
  /** All styles: the presets in their order, then the user's own, newest first. Cached for five minutes; `fresh` skips the cache. */
  async all(fresh = false): Promise<Style[]> {
    if (cache && !fresh && Date.now() - cache.at < CACHE_MS) return cache.styles;
    const found: Style[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: Style[]; next?: string | null } = await get('/v1/styles', { cursor });
      found.push(...page.items);
      cursor = page.next ?? null;
    } while (cursor);
    cache = { styles: found, at: Date.now() };
    return found;
  },

  async find(id: string): Promise<Style | null> {
    const cached = (await styles.all()).find((style) => style.id === id);
    return cached ?? (await styles.all(true)).find((style) => style.id === id) ?? null;
  },

  add(path: string, name: string, key: string, onProgress?: (share: number) => void): Upload<Style> {
    const adding = upload<Style>('/v1/styles', path, { name }, key, onProgress);
    const done = adding.done.then((style) => {
      clearCache();
      return style;
    });
    return { ...adding, done };
  },

  async remove(id: string): Promise<void> {
    await remove(`/v1/styles/${id}`);
    clearCache();
  },
};

/** The name of a category in the current language. A category that this version does not know keeps its own name. */
export function categoryName(category: string): string {
  return CATEGORIES.includes(category) ? t(`common.category_${category}` as TextKey) : category;
}

function clearCache(): void {
  cache = null;
}
