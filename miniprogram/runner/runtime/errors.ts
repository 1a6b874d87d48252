/** Tells mistakes of the mini program loudly: to the console, to `runner.errors` and to those who asked by wx.onError. */

/* eslint-disable no-console -- the console is where a developer, and a test in a browser, looks for errors */

import { glassEasel } from 'glass-easel-miniprogram-adapter';

type ErrorListener = (message: string) => void;
type RejectionListener = (event: { reason: unknown; promise: Promise<unknown> }) => void;

export const errors: string[] = [];
export const errorListeners = new Set<ErrorListener>();
export const rejectionListeners = new Set<RejectionListener>();

const told = new WeakSet<object>();

/** Something that WeChat would refuse as the programmer's fault: `throw mistake('…')`. */
export function mistake(message: string): Error {
  const error = new Error(message);
  told.add(error);
  errors.push(message);
  console.error(message);
  return error;
}

/** An error that the mini program did not catch. */
export function report(error: unknown, where: string): void {
  if (!isTold(error)) {
    errors.push(`${where}: ${textOf(error)}`);
    console.error(where, error instanceof Error ? error : textOf(error));
  }
  for (const listener of errorListeners) listener(error instanceof Error ? (error.stack ?? error.message) : textOf(error));
}

/** Calls a hook of the mini program and survives what it throws, now or later. */
export function callHook(owner: object, name: string, ...parameters: unknown[]): unknown {
  const hook = (owner as Record<string, unknown>)[name];
  if (typeof hook !== 'function') return undefined;
  try {
    return hook.apply(owner, parameters);
  } catch (error) {
    report(error, name);
    return undefined;
  }
}

export function watchErrors(): void {
  glassEasel.addGlobalErrorListener((error, method) => {
    report(error, method ?? 'mini program');
    return false;
  });
  glassEasel.addGlobalWarningListener((message, component) => {
    // A property that nobody declared is a slip of the pen, which a phone would swallow.
    if (message.includes('is not a valid')) mistake(`${typeof component === 'string' ? component : component.is}: ${message}`);
    else console.warn(message);
    return false;
  });
  window.addEventListener('error', (event) => {
    if (event.error && !isTold(event.error)) errors.push(textOf(event.error));
  });
  window.addEventListener('unhandledrejection', (event) => {
    if (!isTold(event.reason)) errors.push(textOf(event.reason));
    // The browser would print a plain object as "Object".
    if (!(event.reason instanceof Error)) console.error('unhandled rejection:', textOf(event.reason));
    for (const listener of rejectionListeners) listener({ reason: event.reason, promise: event.promise });
  });
}

function isTold(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (told.has(error)) return true;
  told.add(error);
  return false;
}

function textOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === 'object' && error !== null && 'errMsg' in error) return String(error.errMsg);
  return typeof error === 'string' ? error : JSON.stringify(error);
}
