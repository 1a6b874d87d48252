import type { common as zh } from '../zh/common';

/** Texts of several pages. */
export const common: Record<keyof typeof zh, string> = {
  category_own: 'My styles',
  category_clay: 'Clay',
  category_ink: 'Ink',
  category_oil: 'Oil',
  category_print: 'Prints',
  category_ornament: 'Ornament',
  category_abstract: 'Abstract',
  status_queued: 'Waiting',
  status_running: 'Firing',
  status_done: 'Done',
  status_failed: 'Failed',
  status_cancelled: 'Cancelled',
  untitled_work: 'Work in {style}',
  seconds: '{count} s',
  minutes: '{count} min',
  today: 'Today {time}',
  yesterday: 'Yesterday {time}',
  date: '{day}/{month} {time}',
  date_of_year: '{day}/{month}/{year}',
};
