/** How an API call fails in a way that the mini program can handle. */

import { usageError } from './error-log';

/** Thrown inside an API to fail the call: `new ApiFailure('cancel')` becomes `chooseMedia:fail cancel`. */
export class ApiFailure {
  constructor(
    readonly reason: string,
    readonly errno?: number,
  ) {}
}

/** An `ApiFailure` caused by wrong use of the API. It is also written to the error log, prefixed with `apiName` if given. */
export function usageFailure(reason: string, apiName?: string): ApiFailure {
  usageError(apiName ? `${apiName}:fail ${reason}` : reason);
  return new ApiFailure(reason);
}
