/** The calling convention of WeChat's APIs: with callbacks, or without callbacks for a promise. */

import { ApiFailure } from '../state/api-failure';

export interface Callbacks {
  success?(result: object): void;
  fail?(error: FailResult): void;
  complete?(result: object): void;
}

/** What WeChat passes to `fail`: a plain object, not an `Error`. */
interface FailResult {
  errMsg: string;
  errno?: number;
}

/** Makes an API from a function. An `ApiFailure` that it throws fails the call; any other error rejects the promise unchanged. */
export function api<O extends object, R extends object | void>(name: string, run: (options: O) => R | Promise<R>) {
  return (options: O & Callbacks = {} as O & Callbacks): Promise<R & { errMsg: string }> | undefined => {
    const result = callApi(name, () => run(options));
    if (!options.success && !options.fail && !options.complete) return result;
    invokeCallbacks(options, result);
    return undefined;
  };
}

/** Makes one of the few APIs that never return a promise. */
export function callbackApi<O extends object, R extends object | void>(name: string, run: (options: O) => R | Promise<R>) {
  return (options: O & Callbacks = {} as O & Callbacks): void => {
    invokeCallbacks(options, callApi(name, () => run(options)));
  };
}

export function failResult(name: string, reason: string, errno?: number): FailResult {
  return { errMsg: `${name}:fail ${reason}`, ...(errno === undefined ? {} : { errno }) };
}

async function callApi<R extends object | void>(name: string, run: () => R | Promise<R>): Promise<R & { errMsg: string }> {
  try {
    return { ...((await run()) as R), errMsg: `${name}:ok` };
  } catch (error) {
    throw error instanceof ApiFailure ? failResult(name, error.reason, error.errno) : error;
  }
}

function invokeCallbacks(options: Callbacks, result: Promise<object>): void {
  result.then(
    (value) => {
      options.success?.(value);
      options.complete?.(value);
    },
    (error: FailResult) => {
      options.fail?.(error);
      options.complete?.(error);
    },
  );
}
