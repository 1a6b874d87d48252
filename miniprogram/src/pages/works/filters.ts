/** The filters of the history: as chips on the page, and as a query for the service. */
import type { WorkQuery } from '../../services/stylizations';
import { STRENGTH_BANDS } from '../strength-bands';

export interface Filters {
  /** Part of the title or of the name of a style. */
  query: string;
  style: string;
  /** The key of a strength band. */
  band: string;
  /** Days such as `2026-01-31`, both inclusive; '' means no limit. */
  from: string;
  until: string;
  favourites: boolean;
  status: string;
}

export const NO_FILTERS: Filters = {
  query: '',
  style: '',
  band: '',
  from: '',
  until: '',
  favourites: false,
  status: '',
};

export const STATUSES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;

export interface Chip {
  key: keyof Filters;
  name: string;
}

/** `t` for the texts of a page. */
export type PageText = (key: string, params?: Record<string, string>) => string;

/** One chip for each filter. `names` holds the names of the chosen style, band and status. */
export function chipsOf(filters: Filters, names: { style: string; band: string; status: string }, text: PageText): Chip[] {
  const chips: Chip[] = [];
  if (filters.favourites) chips.push({ key: 'favourites', name: text('chip_favourites') });
  if (filters.style) chips.push({ key: 'style', name: names.style });
  if (filters.band) chips.push({ key: 'band', name: names.band });
  if (filters.from) chips.push({ key: 'from', name: text('chip_from', { day: filters.from }) });
  if (filters.until) chips.push({ key: 'until', name: text('chip_until', { day: filters.until }) });
  if (filters.status) chips.push({ key: 'status', name: names.status });
  return chips;
}

export function without(filters: Filters, key: keyof Filters): Filters {
  return { ...filters, [key]: NO_FILTERS[key] };
}

export function isFiltering(filters: Filters): boolean {
  return (Object.keys(NO_FILTERS) as (keyof Filters)[]).some((key) => filters[key] !== NO_FILTERS[key]);
}

/** The query for the service. Days are days in the device's time zone. */
export function queryOf(filters: Filters): WorkQuery {
  const query: WorkQuery = {};
  const band = STRENGTH_BANDS.find(({ key }) => key === filters.band);
  if (filters.query.trim()) query.q = filters.query.trim();
  if (filters.style) query.style = filters.style;
  if (band) Object.assign(query, { tauFrom: band.from, tauBelow: band.below });
  if (filters.from) query.from = midnight(filters.from, 0);
  if (filters.until) query.before = midnight(filters.until, 1);
  if (filters.favourites) query.favourite = true;
  if (filters.status) query.status = filters.status;
  return query;
}

function midnight(day: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}
