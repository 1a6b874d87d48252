/** What the card of a work shows. */
import type { WorkItem } from '../../components/work-card/work-card';
import type { Stylization } from '../../services/stylizations';

/** Until there is a result, and once it is forgotten, the photograph stands for it. */
export function workCardOf(
  work: Stylization,
  nameOf: (words: { zh: string; en: string }) => string,
  dateOf: (iso: string) => string,
): WorkItem {
  return {
    id: work.id,
    thumb: (work.result ?? work.content)?.thumb_url ?? '',
    style: nameOf(work.style.name),
    tau: work.tau,
    date: dateOf(work.created_at),
    favourite: work.favourite,
    status: work.status,
    title: work.title ?? '',
  };
}
