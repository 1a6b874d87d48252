/** Numbers and times as people read them, in the present language. */
import { t } from '../i18n/index';

/** Of an ISO time, on the phone's clock: `今天 14:05`, `3月8日 14:05`, `2025年12月31日`. */
export function dateOf(iso: string, now = new Date()): string {
  const date = new Date(iso);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const days = daysBetween(date, now);
  if (days === 0) return t('common.today', { time });
  if (days === 1) return t('common.yesterday', { time });
  const parts = { day: date.getDate(), month: date.getMonth() + 1, year: date.getFullYear(), time };
  return t(parts.year === now.getFullYear() ? 'common.date' : 'common.date_of_year', parts);
}

/** Rounded up, as a promise should be: `8 秒`, `2 分钟`. */
export function secondsText(seconds: number): string {
  const count = Math.max(1, Math.ceil(seconds));
  return count < 90 ? t('common.seconds', { count }) : t('common.minutes', { count: Math.ceil(count / 60) });
}

/** Of a share from 0 to 1, without the sign. */
export function percent(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 100);
}

function daysBetween(date: Date, now: Date): number {
  const midnight = (of: Date) => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime();
  return Math.round((midnight(now) - midnight(date)) / 86_400_000);
}

function two(count: number): string {
  return String(count).padStart(2, '0');
}
