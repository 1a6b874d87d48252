/** Before the scenarios: one stack for all of them, since a start takes seconds. */

import { findChromium } from './browser';
import { missingForTheStack, startStack } from './stack';

export default async function start(): Promise<void> {
  const missing = findChromium() === null ? 'no Chromium was found; name it by CHROMIUM' : missingForTheStack();
  if (missing !== '') {
    process.env.E2E_MISSING = missing;
    process.stderr.write(`\n*** THE END-TO-END SCENARIOS CANNOT RUN: ${missing} ***\n\n`);
    return;
  }
  const stack = await startStack();
  Object.assign(process.env, { E2E_URL: stack.url, E2E_PROCESS: String(stack.processId), E2E_PICTURES: stack.pictures });
  Object.assign(globalThis, { stopStack: stack.stop });
}
