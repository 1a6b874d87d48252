/** The stages of a job, and how far each is. */

export const STAGES = ['upload', 'queue', 'render', 'done'] as const;

export type Stage = (typeof STAGES)[number];

export interface StageView {
  key: Stage;
  /** From 0 to 1. */
  share: number;
  isCurrent: boolean;
}

/** Stages before the current one are complete. The stage `done` is complete as soon as it is reached. */
export function stagesAt(current: Stage, share: number): StageView[] {
  const currentIndex = STAGES.indexOf(current);
  const currentShare = current === 'done' ? 1 : Math.min(1, Math.max(0, share));
  return STAGES.map((key, index) => ({
    key,
    share: index < currentIndex ? 1 : index === currentIndex ? currentShare : 0,
    isCurrent: index === currentIndex,
  }));
}
