/** The stages of a job, and the marks that show how far it is. */

export const MARKS = ['upload', 'queue', 'render', 'done'] as const;

export type Mark = (typeof MARKS)[number];

/** Each stage with its mark. The stages of the service while a job runs share one; `running` means that the stage is unknown. */
const MARK_OF_STAGE = {
  upload: 'upload',
  queued: 'queue',
  running: 'render',
  loading: 'render',
  painting: 'render',
  storing: 'render',
  done: 'done',
} as const satisfies Record<string, Mark>;

export type Stage = keyof typeof MARK_OF_STAGE;

export interface MarkView {
  key: Mark;
  /** From 0 to 1. */
  share: number;
  isReached: boolean;
  isCurrent: boolean;
}

/** The number of the stage's mark, from 0. */
export function markIndexOf(stage: Stage): number {
  return MARKS.indexOf(MARK_OF_STAGE[stage]);
}

/** Marks before the current one are full. The mark `done` is full as soon as it is reached. An unknown share (null) leaves the current mark empty. */
export function marksAt(stage: Stage, share: number | null): MarkView[] {
  const currentIndex = markIndexOf(stage);
  const currentShare = stage === 'done' ? 1 : Math.min(1, Math.max(0, share ?? 0));
  return MARKS.map((key, index) => ({
    key,
    share: index < currentIndex ? 1 : index === currentIndex ? currentShare : 0,
    isReached: index <= currentIndex,
    isCurrent: index === currentIndex,
  }));
}
