/** How the styles stand in the gallery: what a card shows, and which cards share a shelf. */
import type { Style } from '../../services/styles';

type NameOf = (words: { zh: string; en: string }) => string;

export interface StyleCard {
  id: string;
  name: string;
  thumb: string;
  credit: string;
  own: boolean;
  state: Style['status'];
}

export interface Shelf {
  family: string;
  cards: StyleCard[];
}

/** Of the words only the name: whom it was learned from stands in the sheet, where there is room for it. */
export function cardOf(style: Style, nameOf: NameOf): StyleCard {
  return {
    id: style.id,
    name: nameOf(style.name),
    thumb: style.thumb_url,
    credit: '',
    own: style.kind === 'own',
    state: style.status,
  };
}

/** The families in their order, those without a style left out; a family nobody has named yet comes last. */
export function shelvesOf(styles: Style[], families: readonly string[], nameOf: NameOf): Shelf[] {
  const unnamed = styles.map((style) => style.category).filter((family) => !families.includes(family));
  return [...families, ...new Set(unnamed)]
    .map((family) => ({
      family,
      cards: styles.filter((style) => style.category === family).map((style) => cardOf(style, nameOf)),
    }))
    .filter((shelf) => shelf.cards.length > 0);
}

export function anyPreparing(styles: Style[]): boolean {
  return styles.some((style) => style.status === 'preparing');
}

/** What the sheet of one style says; words that a style lacks are ''. */
export function detailOf(style: Style, nameOf: NameOf) {
  return {
    ...cardOf(style, nameOf),
    preview: style.preview_url,
    credit: style.credit ? nameOf(style.credit) : '',
    story: style.story ? nameOf(style.story) : '',
    tau: style.default_tau,
    failure: style.error ? style.error.message : '',
  };
}

export type StyleDetail = ReturnType<typeof detailOf>;
