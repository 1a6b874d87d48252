/** The content of a work's card. */
import type { WorkItem } from '../../components/work-card/work-card';
import type { LocalizedText } from '../../i18n/index';
import type { Stylization } from '../../services/stylizations';

/** The thumbnail is the photo while there is no result, and after the result has been deleted. */
export function workCardOf(
  work: Stylization,
  localized: (text: LocalizedText) => string,
  dateText: (iso: string) => string,
): WorkItem {
  return {
    id: work.id,
    thumb: (work.result ?? work.content)?.thumb_url ?? '',
    style: localized(work.style.name),
    tau: work.tau,
    date: dateText(work.created_at),
    favourite: work.favourite,
    status: work.status,
    title: work.title ?? '',
  };
}
