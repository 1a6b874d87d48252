/** Stops the service and deletes its files. */

export default async function tearDown(): Promise<void> {
  const { stopStack } = globalThis as { stopStack?: () => Promise<void> };
  await stopStack?.();
}
