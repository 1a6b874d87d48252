/** Numbers and times as texts in the current language. */
import { t } from '../i18n/index';

/** Formats an ISO time in the device's time zone: `今天 14:05`, `3月8日 14:05`, `2025年12月31日`. */
export function dateText(iso: string, now = new Date()): string {
  const date = new Date(iso);
  const time = `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
  const days = daysBetween(date, now);
  if (days === 0) return t('common.today', { time });
  if (days === 1) return t('common.yesterday', { time });
  const parts = { day: date.getDate(), month: date.getMonth() + 1, year: date.getFullYear(), time };
  return t(parts.year === now.getFullYear() ? 'common.date' : 'common.date_of_year', parts);
}

/** The local date as `2026-01-31`. */
export function isoDay(date: Date): string {
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

/** Formats a duration, rounded up: `8 秒`, `2 分钟`. */
export function durationText(seconds: number): string {
  const count = Math.max(1, Math.ceil(seconds));
  return count < 90 ? t('common.seconds', { count }) : t('common.minutes', { count: Math.ceil(count / 60) });
}

/** Converts a share from 0 to 1 into a whole number of percent. */
export function percent(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 100);
}

function daysBetween(date: Date, now: Date): number {
  const midnight = (of: Date) => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime();
  return Math.round((midnight(now) - midnight(date)) / 86_400_000);
}

function twoDigits(count: number): string {
  return String(count).padStart(2, '0');
}
