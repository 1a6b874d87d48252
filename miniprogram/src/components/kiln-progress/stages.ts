/** How far each of the five steps of the craft is, while a work is made. */

export const STAGES = ['knead', 'dry', 'fire', 'polish', 'out'] as const;

export type Stage = (typeof STAGES)[number];

export interface Step {
  key: Stage;
  /** How much of its chip is inlaid, 0 to 1. */
  share: number;
  now: boolean;
}

/** Steps before the present one are whole; taking it out of the kiln is whole as soon as it is reached. */
export function stepsAt(stage: Stage, share: number): Step[] {
  const present = STAGES.indexOf(stage);
  const filling = stage === 'out' ? 1 : Math.min(1, Math.max(0, share));
  return STAGES.map((key, index) => ({
    key,
    share: index < present ? 1 : index === present ? filling : 0,
    now: index === present,
  }));
}
