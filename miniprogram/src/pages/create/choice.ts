/** Which look is chosen for a photograph: one style or a mixture, how strong, and how much of each of its layers. */
import type { Levels, Look, Stylization } from '../../services/stylizations';

export interface Choice {
  styles: { id: string; weight: number }[];
  mixing: boolean;
  /** Null: as strong as the style itself would have it. */
  tau: number | null;
  keepColor: boolean;
  levels: Levels | null;
}

export const NOTHING_CHOSEN: Choice = { styles: [], mixing: false, tau: null, keepColor: false, levels: null };
export const ALL_LEVELS: Levels = { colour: 1, texture: 1, structure: 1 };

const HALF = 0.5;

/** After a tap on a style: it replaces the one there is, or joins it in a mixture, where the first stays. */
export function withStyle(choice: Choice, id: string): Choice {
  const { styles } = choice;
  const [first] = styles;
  if (!choice.mixing || !first) return { ...choice, styles: alone(id) };
  const others = styles.filter((style) => style.id !== id);
  if (others.length < styles.length) return others.length ? { ...choice, styles: evened(others) } : choice;
  return { ...choice, styles: pair(first.id, id, shareOfSecond(choice)) };
}

export function withMixing(choice: Choice, mixing: boolean): Choice {
  const [first] = choice.styles;
  return { ...choice, mixing, styles: mixing || !first ? choice.styles : alone(first.id) };
}

/** How much of the mixture its second style is. */
export function withShareOfSecond(choice: Choice, share: number): Choice {
  const [first, second] = choice.styles;
  return first && second ? { ...choice, styles: pair(first.id, second.id, share) } : choice;
}

export function shareOfSecond({ styles }: Choice): number {
  const [first, second] = styles;
  return first && second ? second.weight / (first.weight + second.weight) : HALF;
}

/** Full levels are the same as none at all. */
export function withLevel(choice: Choice, level: keyof Levels, share: number): Choice {
  const levels = { ...(choice.levels ?? ALL_LEVELS), [level]: share };
  const full = Object.values(levels).every((each) => each === 1);
  return { ...choice, levels: full ? null : levels };
}

/** The look of a work, to begin another one from. */
export function choiceOf({ style, styles, tau, keep_color, levels }: Stylization): Choice {
  const mixture = styles ?? [];
  return {
    styles: mixture.length > 1 ? mixture.map(({ id, weight }) => ({ id, weight })) : alone(style.id),
    mixing: mixture.length > 1,
    tau,
    keepColor: keep_color,
    levels,
  };
}

/** Without the styles that have been deleted meanwhile. */
export function withStylesOf(choice: Choice, there: { id: string }[]): Choice {
  const left = choice.styles.filter(({ id }) => there.some((style) => style.id === id));
  if (left.length === choice.styles.length) return choice;
  return { ...choice, styles: left.length ? evened(left) : [], mixing: left.length > 1 };
}

/** The strength in force: what was set, else what the first style would have. */
export function tauOf(choice: Choice, styles: { id: string; default_tau: number }[], otherwise: number): number {
  const first = styles.find(({ id }) => id === choice.styles[0]?.id);
  return choice.tau ?? first?.default_tau ?? otherwise;
}

export function lookOf({ styles, keepColor, levels }: Choice, tau: number): Look {
  return { styles, tau, keepColor, levels };
}

/** What a look still lacks, as a word of `create.…`. */
export function missingStyle({ styles, mixing }: Choice): 'need_style' | 'need_second' | null {
  if (!styles.length) return 'need_style';
  return mixing && styles.length < 2 ? 'need_second' : null;
}

function alone(id: string) {
  return [{ id, weight: 1 }];
}

function pair(first: string, second: string, share: number) {
  return [
    { id: first, weight: hundredths(1 - share) },
    { id: second, weight: hundredths(share) },
  ];
}

function evened(styles: Choice['styles']): Choice['styles'] {
  return styles.length === 1 ? styles.map(({ id }) => ({ id, weight: 1 })) : styles;
}

function hundredths(number: number): number {
  return Math.round(number * 100) / 100;
}
