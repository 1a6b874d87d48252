/** Reports errors of the mini program on the console, in `runner.errors` and to the listeners of `wx.onError`. */

/* eslint-disable no-console -- developers and browser tests read errors from the console */

import { glassEasel } from 'glass-easel-miniprogram-adapter';

type ErrorListener = (message: string) => void;
type RejectionListener = (event: { reason: unknown; promise: Promise<unknown> }) => void;

export const errors: string[] = [];
export const errorListeners = new Set<ErrorListener>();
export const rejectionListeners = new Set<RejectionListener>();

const loggedErrors = new WeakSet<object>();

/** Logs wrong use of the platform, which WeChat would reject, and returns the error to throw. */
export function usageError(message: string): Error {
  const error = new Error(message);
  loggedErrors.add(error);
  errors.push(message);
  console.error(message);
  return error;
}

/** Reports an error that the mini program did not catch. */
export function reportUncaughtError(error: unknown, source: string): void {
  if (isFirstReport(error)) {
    errors.push(`${source}: ${messageOf(error)}`);
    console.error(source, error instanceof Error ? error : messageOf(error));
  }
  for (const listener of errorListeners) listener(error instanceof Error ? (error.stack ?? error.message) : messageOf(error));
}

/** Calls a hook of the mini program. Errors that it throws are reported and do not propagate. */
export function callHook(owner: object, name: string, ...parameters: unknown[]): unknown {
  const hook = (owner as Record<string, unknown>)[name];
  if (typeof hook !== 'function') return undefined;
  try {
    return hook.apply(owner, parameters);
  } catch (error) {
    reportUncaughtError(error, name);
    return undefined;
  }
}

export function watchErrors(): void {
  glassEasel.addGlobalErrorListener((error, method) => {
    reportUncaughtError(error, method ?? 'mini program');
    return false;
  });
  glassEasel.addGlobalWarningListener((message, component) => {
    // An undeclared property is most likely a typing error, which a phone would ignore silently.
    if (message.includes('is not a valid')) usageError(`${typeof component === 'string' ? component : component.is}: ${message}`);
    else console.warn(message);
    return false;
  });
  window.addEventListener('error', (event) => {
    if (event.error && isFirstReport(event.error)) errors.push(messageOf(event.error));
  });
  window.addEventListener('unhandledrejection', (event) => {
    if (isFirstReport(event.reason)) errors.push(messageOf(event.reason));
    // The browser would print a plain object as "Object".
    if (!(event.reason instanceof Error)) console.error('unhandled rejection:', messageOf(event.reason));
    for (const listener of rejectionListeners) listener({ reason: event.reason, promise: event.promise });
  });
}

/** Returns whether the error has not been logged yet, and marks it as logged. Values that are not objects always count as new. */
function isFirstReport(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return true;
  if (loggedErrors.has(error)) return false;
  loggedErrors.add(error);
  return true;
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === 'object' && error !== null && 'errMsg' in error) return String(error.errMsg);
  return typeof error === 'string' ? error : JSON.stringify(error);
}
