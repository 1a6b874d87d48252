/** What the job page shows of a finished work. */
import type { LocalizedText, TextParams } from '../../i18n/index';
import type { Stylization } from '../../services/stylizations';

/** How texts are written: names, dates, and `t` for the area `job`. */
export interface WorkTexts {
  localized(text: LocalizedText): string;
  dateText(iso: string): string;
  text(key: 'made' | 'made_colour', params?: TextParams): string;
  untitled(style: string): string;
}

export interface WorkView {
  photoUrl: string;
  resultUrl: string;
  width: number;
  height: number;
  title: string;
  hasTitle: boolean;
  details: string;
  colourNote: string;
  favourite: boolean;
  /** Whether the service still has the photo. */
  canRerun: boolean;
}

export function workViewOf(work: Stylization, { localized, dateText, text, untitled }: WorkTexts): WorkView {
  const { content, result, title, tau, favourite, keep_color } = work;
  const style = localized(work.style.name);
  return {
    photoUrl: content?.url ?? '',
    resultUrl: result?.url ?? '',
    width: result?.width ?? 0,
    height: result?.height ?? 0,
    title: title ?? untitled(style),
    hasTitle: title !== null && title !== '',
    details: text('made', { style, tau, date: dateText(work.finished_at ?? work.created_at) }),
    colourNote: keep_color ? text('made_colour') : '',
    favourite,
    canRerun: content !== null,
  };
}
