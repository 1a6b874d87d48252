/** Storage of the mini program, kept in the browser's under a prefix, with the sizes that WeChat allows. */

import { mistake } from '../runtime/errors';

const PREFIX = location.search.includes('scene=1154') ? 'mini-program-single-page:' : 'mini-program:';
const LARGEST_VALUE = 1024 * 1024;
const LARGEST_ALL = 10 * 1024 * 1024;

function getStorageSync(key: string): unknown {
  const text = localStorage.getItem(PREFIX + key);
  return text === null ? '' : JSON.parse(text);
}

function setStorageSync(key: string, value: unknown): void {
  if (typeof key !== 'string' || key === '') throw mistake('setStorageSync: the key must be a string');
  if (value === undefined) throw mistake(`setStorageSync ${key}: the value is undefined`);
  const text = JSON.stringify(value);
  if (text.length > LARGEST_VALUE) throw mistake(`setStorageSync ${key}: more than 1 MB`);
  const others = ownKeys().reduce((size, name) => size + (name === PREFIX + key ? 0 : (localStorage.getItem(name) ?? '').length), 0);
  if (others + text.length > LARGEST_ALL) throw mistake('setStorageSync:fail exceed storage max size 10Mb');
  localStorage.setItem(PREFIX + key, text);
}

function ownKeys(): string[] {
  return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
}

export const storage = {
  getStorageSync,
  setStorageSync,
  removeStorageSync: (key: string) => localStorage.removeItem(PREFIX + key),
  clearStorageSync: () => ownKeys().forEach((name) => localStorage.removeItem(name)),
};
