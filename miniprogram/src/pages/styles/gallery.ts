/** The content of the style gallery: cards, groups of cards, and the details of one style. */
import type { StyleItem } from '../../components/style-item';
import type { LocalizedText } from '../../i18n/index';
import type { Style } from '../../services/styles';

type Localize = (text: LocalizedText) => string;

/** How often the styles are loaded again while one is being prepared. */
export const PREPARING_POLL_MS = 3000;

export interface StyleGroup {
  category: string;
  cards: StyleItem[];
}

export function styleCardOf(style: Style, localized: Localize): StyleItem {
  return {
    id: style.id,
    name: localized(style.name),
    thumb: style.thumb_url,
    own: style.kind === 'own',
    status: style.status,
  };
}

/** Groups the styles in the order of `categories`. Empty groups are left out; unknown categories come last. */
export function groupByCategory(styles: Style[], categories: readonly string[], localized: Localize): StyleGroup[] {
  const unknown = styles.map((style) => style.category).filter((category) => !categories.includes(category));
  return [...categories, ...new Set(unknown)]
    .map((category) => ({
      category,
      cards: styles.filter((style) => style.category === category).map((style) => styleCardOf(style, localized)),
    }))
    .filter((group) => group.cards.length > 0);
}

export function hasPreparing(styles: Style[]): boolean {
  return styles.some((style) => style.status === 'preparing');
}

/** The content of the sheet of one style; missing texts are ''. */
export function styleDetailsOf(style: Style, localized: Localize) {
  return {
    ...styleCardOf(style, localized),
    preview: style.preview_url,
    credit: style.credit ? localized(style.credit) : '',
    story: style.story ? localized(style.story) : '',
    tau: style.default_tau,
    failure: style.error ? style.error.message : '',
  };
}

export type StyleDetails = ReturnType<typeof styleDetailsOf>;
