/** The user's choice of style parameters, as an immutable value with functions that change it. */
import type { Brush, Levels, StyleParameters } from '../../services/stylizations';

export interface Choice {
  styles: { id: string; weight: number }[];
  mixing: boolean;
  /** Null: the default strength of the style. */
  tau: number | null;
  keepColor: boolean;
  brush: Brush;
  levels: Levels | null;
}

export const NOTHING_CHOSEN: Choice = { styles: [], mixing: false, tau: null, keepColor: false, brush: 'medium', levels: null };
export const FULL_LEVELS: Levels = { colour: 1, texture: 1, structure: 1 };

/** The most styles that the service accepts in a mixture. */
export const MAX_STYLES = 4;
/** The smallest share of a style, so that no slider can remove one. */
export const MIN_SHARE = 0.05;

/** The choice after a tap on a style. Without mixing it replaces the style. In a mixture it is added or removed; the last style stays, and a full mixture takes no other one. */
export function withStyle(choice: Choice, id: string): Choice {
  const { styles } = choice;
  if (!choice.mixing || !styles.length) return { ...choice, styles: singleStyle(id) };
  if (isFullFor(choice, id)) return choice;
  const others = styles.filter((style) => style.id !== id);
  if (others.length < styles.length) return others.length ? { ...choice, styles: normalized(others) } : choice;
  const count = styles.length + 1;
  return withShare({ ...choice, styles: [...styles, { id, weight: 0 }] }, id, 1 / count);
}

/** Whether the style cannot be added, because the mixture has the most styles possible. */
export function isFullFor({ styles, mixing }: Choice, id: string): boolean {
  return mixing && styles.length >= MAX_STYLES && styles.every((style) => style.id !== id);
}

export function withMixing(choice: Choice, mixing: boolean): Choice {
  const [first] = choice.styles;
  return { ...choice, mixing, styles: mixing || !first ? choice.styles : singleStyle(first.id) };
}

/** The share of each style in the mixture. Together they are 1. */
export function sharesOf({ styles }: Choice): { id: string; share: number }[] {
  const total = styles.reduce((sum, { weight }) => sum + weight, 0);
  return styles.map(({ id, weight }) => ({ id, share: weight / total }));
}

/** The largest share that one of `count` styles can have beside the smallest shares of the others. */
export function maxShare(count: number): number {
  return thousandths(1 - (count - 1) * MIN_SHARE);
}

/** Sets the share of one style. Each other style keeps the smallest share; what the others have above it grows or shrinks in proportion. */
export function withShare(choice: Choice, id: string, share: number): Choice {
  const shares = sharesOf(choice);
  const others = shares.filter((style) => style.id !== id);
  const aboveMin = (of: number) => Math.max(0, of - MIN_SHARE);
  const totalAboveMin = others.reduce((sum, { share: of }) => sum + aboveMin(of), 0);
  const given = Math.min(maxShare(shares.length), Math.max(MIN_SHARE, share));
  const rest = aboveMin(1 - given - (others.length - 1) * MIN_SHARE);
  const proportion = (of: number) => (totalAboveMin > 0 ? aboveMin(of) / totalAboveMin : 1 / others.length);
  const weightOf = (style: { id: string; share: number }) => (style.id === id ? given : MIN_SHARE + rest * proportion(style.share));
  return { ...choice, styles: shares.map((style) => ({ id: style.id, weight: thousandths(weightOf(style)) })) };
}

/** Sets one level. If all levels are full, `levels` is null, which means the same. */
export function withLevel(choice: Choice, level: keyof Levels, share: number): Choice {
  const levels = { ...(choice.levels ?? FULL_LEVELS), [level]: share };
  const isFull = Object.values(levels).every((each) => each === 1);
  return { ...choice, levels: isFull ? null : levels };
}

/** The choice with these parameters. Several styles are a mixture. */
export function choiceOf({ styles, tau, keepColor, brush, levels }: Omit<Choice, 'mixing'>): Choice {
  return { styles, mixing: styles.length > 1, tau, keepColor, brush, levels };
}

/** Drops styles that have been deleted. Returns the same object if none has been. */
export function withAvailableStyles(choice: Choice, available: { id: string }[]): Choice {
  const left = choice.styles.filter(({ id }) => available.some((style) => style.id === id));
  if (left.length === choice.styles.length) return choice;
  return { ...choice, styles: left.length ? normalized(left) : [], mixing: left.length > 1 };
}

/** The strength that applies: the chosen one, otherwise the default of the first style, otherwise `fallback`. */
export function effectiveTau(choice: Choice, styles: { id: string; default_tau: number }[], fallback: number): number {
  const first = styles.find(({ id }) => id === choice.styles[0]?.id);
  return choice.tau ?? first?.default_tau ?? fallback;
}

export function parametersOfChoice({ styles, keepColor, brush, levels }: Choice, tau: number): StyleParameters {
  return { styles, tau, keepColor, brush, levels };
}

/** The text key in `create` that names the missing style; null if nothing is missing. */
export function missingStyle({ styles, mixing }: Choice): 'need_style' | 'need_second' | null {
  if (!styles.length) return 'need_style';
  return mixing && styles.length < 2 ? 'need_second' : null;
}

function singleStyle(id: string) {
  return [{ id, weight: 1 }];
}

/** A style that is left alone gets the weight 1. */
function normalized(styles: Choice['styles']): Choice['styles'] {
  return styles.length === 1 ? styles.map(({ id }) => ({ id, weight: 1 })) : styles;
}

function thousandths(number: number): number {
  return Math.round(number * 1000) / 1000;
}
