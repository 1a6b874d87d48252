/** How almost every API of WeChat is called: with callbacks, or without any for a promise. */

import { mistake } from '../runtime/errors';

export interface Callbacks {
  success?(result: object): void;
  fail?(error: Failure): void;
  complete?(result: object): void;
}

/** What WeChat hands to `fail`: a plain object, not an Error. */
export interface Failure {
  errMsg: string;
  errno?: number;
}

/** Thrown inside an API to fail it: `new Refusal('cancel')` becomes `chooseMedia:fail cancel`. */
export class Refusal {
  constructor(
    readonly reason: string,
    readonly errno?: number,
  ) {}
}

/** Makes an API of both forms from a function. What that throws besides a Refusal is a mistake, and thrown on. */
export function api<O extends object, R extends object | void>(name: string, run: (options: O) => R | Promise<R>) {
  return (options: O & Callbacks = {} as O & Callbacks): Promise<R & { errMsg: string }> | undefined => {
    const done = start(name, () => run(options));
    if (!options.success && !options.fail && !options.complete) return done;
    settle(options, done);
    return undefined;
  };
}

/** For the few APIs that have no promise form. */
export function callbackApi<O extends object, R extends object | void>(name: string, run: (options: O) => R | Promise<R>) {
  return (options: O & Callbacks = {} as O & Callbacks): void => {
    settle(options, start(name, () => run(options)));
  };
}

export function failure(name: string, reason: string, errno?: number): Failure {
  return { errMsg: `${name}:fail ${reason}`, ...(errno === undefined ? {} : { errno }) };
}

/** For what the programmer must not do but a phone answers by `fail`: told on the console as well. */
export function refuseLoudly(name: string, reason: string): Refusal {
  mistake(`${name}:fail ${reason}`);
  return new Refusal(reason);
}

async function start<R extends object | void>(name: string, run: () => R | Promise<R>): Promise<R & { errMsg: string }> {
  try {
    return { ...((await run()) as R), errMsg: `${name}:ok` };
  } catch (error) {
    throw error instanceof Refusal ? failure(name, error.reason, error.errno) : error;
  }
}

function settle(options: Callbacks, done: Promise<object>): void {
  done.then(
    (result) => {
      options.success?.(result);
      options.complete?.(result);
    },
    (error: Failure) => {
      options.fail?.(error);
      options.complete?.(error);
    },
  );
}
