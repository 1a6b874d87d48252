/** What the page shows of a finished work. */
import type { Stylization } from '../../services/stylizations';

/** In whose words: names, dates, and `t` of the area `job`. */
export interface Words {
  nameOf(words: { zh: string; en: string }): string;
  dateOf(iso: string): string;
  say(key: 'made' | 'made_colour' | 'untitled', params?: Record<string, string | number>): string;
}

export interface WorkView {
  before: string;
  after: string;
  width: number;
  height: number;
  title: string;
  named: boolean;
  facts: string;
  colour: string;
  favourite: boolean;
  /** Whether its photograph is still there, to be fired again. */
  again: boolean;
}

export function viewOf(work: Stylization, { nameOf, dateOf, say }: Words): WorkView {
  const { content, result, title, tau, favourite, keep_color } = work;
  const style = nameOf(work.style.name);
  return {
    before: content?.url ?? '',
    after: result?.url ?? '',
    width: result?.width ?? 0,
    height: result?.height ?? 0,
    title: title ?? say('untitled', { style }),
    named: title !== null && title !== '',
    facts: say('made', { style, tau, date: dateOf(work.finished_at ?? work.created_at) }),
    colour: keep_color ? say('made_colour') : '',
    favourite,
    again: content !== null,
  };
}
