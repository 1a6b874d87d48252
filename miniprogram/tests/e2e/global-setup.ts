/** Starts one service for all scenarios, because a start takes seconds. */

import { findChromium } from './browser';
import { missingStack, startStack } from './stack';

export default async function setUp(): Promise<void> {
  const missing = findChromium() === null ? 'Chromium was not found; install it or set CHROMIUM to its path' : missingStack();
  if (missing !== '') {
    process.env.E2E_MISSING = missing;
    process.stderr.write(`\n*** THE END-TO-END SCENARIOS CANNOT RUN: ${missing} ***\n\n`);
    return;
  }
  const stack = await startStack();
  Object.assign(process.env, { E2E_URL: stack.url, E2E_PROCESS: String(stack.processId), E2E_IMAGES: stack.sampleImages });
  Object.assign(globalThis, { stopStack: stack.stop });
}
