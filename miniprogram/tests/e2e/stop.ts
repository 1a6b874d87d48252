/** After the scenarios: nothing is left running, and no file lying about. */

export default async function stop(): Promise<void> {
  const { stopStack } = globalThis as { stopStack?: () => Promise<void> };
  await stopStack?.();
}
