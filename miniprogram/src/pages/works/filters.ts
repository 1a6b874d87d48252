/** What the history can be narrowed by: as chips for the eye, and as a search for the service. */
import type { Search } from '../../services/stylizations';

export interface Filters {
  words: string;
  style: string;
  band: string;
  /** Days as `2026-01-31`, both within; '' is no limit. */
  from: string;
  until: string;
  favourites: boolean;
  status: string;
}

export const NO_FILTERS: Filters = {
  words: '',
  style: '',
  band: '',
  from: '',
  until: '',
  favourites: false,
  status: '',
};

/** Strengths in words; the service counts both ends in, so each band stops short of the next. */
export const BANDS = [
  { key: 'light', from: 0, to: 0.499 },
  { key: 'middle', from: 0.5, to: 0.899 },
  { key: 'full', from: 0.9, to: 1.1 },
  { key: 'beyond', from: 1.101, to: 1.5 },
] as const;

export const STATUSES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;

export interface Chip {
  key: keyof Filters;
  name: string;
}

/** Says a word of the works area; `t` with its area filled in. */
export type Say = (key: string, params?: Record<string, string>) => string;

export function chipsOf(filters: Filters, styleName: string, say: Say): Chip[] {
  const chips: Chip[] = [];
  if (filters.favourites) chips.push({ key: 'favourites', name: say('chip_favourites') });
  if (filters.style) chips.push({ key: 'style', name: styleName });
  if (filters.band) chips.push({ key: 'band', name: say(`tau_${filters.band}`) });
  if (filters.from) chips.push({ key: 'from', name: say('chip_from', { day: filters.from }) });
  if (filters.until) chips.push({ key: 'until', name: say('chip_until', { day: filters.until }) });
  if (filters.status) chips.push({ key: 'status', name: say(`status_${filters.status}`) });
  return chips;
}

export function without(filters: Filters, key: keyof Filters): Filters {
  return { ...filters, [key]: NO_FILTERS[key] };
}

export function narrows(filters: Filters): boolean {
  return (Object.keys(NO_FILTERS) as (keyof Filters)[]).some((key) => filters[key] !== NO_FILTERS[key]);
}

/** For the service; days are those of the phone's own clock. */
export function searchOf(filters: Filters): Search {
  const search: Search = {};
  const band = BANDS.find((each) => each.key === filters.band);
  if (filters.words.trim()) search.q = filters.words.trim();
  if (filters.style) search.style = filters.style;
  if (band) Object.assign(search, { tauFrom: band.from, tauTo: band.to });
  if (filters.from) search.from = midnight(filters.from, 0);
  if (filters.until) search.before = midnight(filters.until, 1);
  if (filters.favourites) search.favourite = true;
  if (filters.status) search.status = filters.status;
  return search;
}

function midnight(day: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}
