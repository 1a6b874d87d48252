/** The user's choice of style parameters, as an immutable value with functions that change it. */
import type { Levels, StyleParameters, Stylization } from '../../services/stylizations';

export interface Choice {
  styles: { id: string; weight: number }[];
  mixing: boolean;
  /** Null: the default strength of the style. */
  tau: number | null;
  keepColor: boolean;
  levels: Levels | null;
}

export const NOTHING_CHOSEN: Choice = { styles: [], mixing: false, tau: null, keepColor: false, levels: null };
export const FULL_LEVELS: Levels = { colour: 1, texture: 1, structure: 1 };

const EQUAL_SHARES = 0.5;

/** The choice after a tap on a style. Without mixing it replaces the style; in a mixture the first style stays and the second is replaced. */
export function withStyle(choice: Choice, id: string): Choice {
  const { styles } = choice;
  const [first] = styles;
  if (!choice.mixing || !first) return { ...choice, styles: singleStyle(id) };
  const others = styles.filter((style) => style.id !== id);
  if (others.length < styles.length) return others.length ? { ...choice, styles: normalized(others) } : choice;
  return { ...choice, styles: pair(first.id, id, shareOfSecond(choice)) };
}

export function withMixing(choice: Choice, mixing: boolean): Choice {
  const [first] = choice.styles;
  return { ...choice, mixing, styles: mixing || !first ? choice.styles : singleStyle(first.id) };
}

/** Sets the share of the second style in the mixture, from 0 to 1. */
export function withShareOfSecond(choice: Choice, share: number): Choice {
  const [first, second] = choice.styles;
  return first && second ? { ...choice, styles: pair(first.id, second.id, share) } : choice;
}

export function shareOfSecond({ styles }: Choice): number {
  const [first, second] = styles;
  return first && second ? second.weight / (first.weight + second.weight) : EQUAL_SHARES;
}

/** Sets one level. If all levels are full, `levels` is null, which means the same. */
export function withLevel(choice: Choice, level: keyof Levels, share: number): Choice {
  const levels = { ...(choice.levels ?? FULL_LEVELS), [level]: share };
  const isFull = Object.values(levels).every((each) => each === 1);
  return { ...choice, levels: isFull ? null : levels };
}

/** The choice that a work was made with. */
export function choiceOfWork({ style, styles, tau, keep_color, levels }: Stylization): Choice {
  const mixture = styles ?? [];
  return {
    styles: mixture.length > 1 ? mixture.map(({ id, weight }) => ({ id, weight })) : singleStyle(style.id),
    mixing: mixture.length > 1,
    tau,
    keepColor: keep_color,
    levels,
  };
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

export function parametersOfChoice({ styles, keepColor, levels }: Choice, tau: number): StyleParameters {
  return { styles, tau, keepColor, levels };
}

/** The text key in `create` that names the missing style; null if nothing is missing. */
export function missingStyle({ styles, mixing }: Choice): 'need_style' | 'need_second' | null {
  if (!styles.length) return 'need_style';
  return mixing && styles.length < 2 ? 'need_second' : null;
}

function singleStyle(id: string) {
  return [{ id, weight: 1 }];
}

function pair(first: string, second: string, share: number) {
  return [
    { id: first, weight: hundredths(1 - share) },
    { id: second, weight: hundredths(share) },
  ];
}

/** A style that is left alone gets the weight 1. */
function normalized(styles: Choice['styles']): Choice['styles'] {
  return styles.length === 1 ? styles.map(({ id }) => ({ id, weight: 1 })) : styles;
}

function hundredths(number: number): number {
  return Math.round(number * 100) / 100;
}
