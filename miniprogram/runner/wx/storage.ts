/** Storage of the mini program, in localStorage under a prefix, with the size limits of WeChat. */

import { usageError } from '../state/error-log';

const PREFIX = location.search.includes('scene=1154') ? 'mini-program-single-page:' : 'mini-program:';
const MAX_VALUE_LENGTH = 1024 * 1024;
const MAX_TOTAL_LENGTH = 10 * 1024 * 1024;

function getStorageSync(key: string): unknown {
  const text = localStorage.getItem(PREFIX + key);
  return text === null ? '' : JSON.parse(text);
}

function setStorageSync(key: string, value: unknown): void {
  if (typeof key !== 'string' || key === '') throw usageError('setStorageSync: the key must be a string');
  if (value === undefined) throw usageError(`setStorageSync ${key}: the value is undefined`);
  const text = JSON.stringify(value);
  if (text.length > MAX_VALUE_LENGTH) throw usageError(`setStorageSync ${key}: more than 1 MB`);
  const otherLength = storedNames().reduce((sum, name) => sum + (name === PREFIX + key ? 0 : (localStorage.getItem(name) ?? '').length), 0);
  if (otherLength + text.length > MAX_TOTAL_LENGTH) throw usageError('setStorageSync:fail exceed storage max size 10Mb');
  localStorage.setItem(PREFIX + key, text);
}

function storedNames(): string[] {
  return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
}

export const storage = {
  getStorageSync,
  setStorageSync,
  removeStorageSync: (key: string) => localStorage.removeItem(PREFIX + key),
  clearStorageSync: () => storedNames().forEach((name) => localStorage.removeItem(name)),
};
