/** Asks the service for the message that a person has just allowed, as soon as the order has become a job. */
import type { Following } from '../../jobs/following';
import { stylizations } from '../../services/stylizations';

export function tellWhenDone(following: Following, templateIds: string[]): void {
  if (!templateIds.length) return;
  let stop = (): void => undefined;
  let settled = false;
  const settle = () => {
    settled = true;
    stop();
  };
  stop = following.subscribe((state) => {
    if (settled) return;
    if (state.kind === 'queued' || state.kind === 'running') {
      settle();
      for (const id of templateIds) stylizations.notify(state.job.id, id).catch(nothing);
    } else if (state.kind !== 'uploading' && state.kind !== 'idle') {
      settle();
    }
  });
  if (settled) stop();
}

/** A message that cannot be had is no reason to trouble anyone: the work itself is under way. */
function nothing(): void {}
