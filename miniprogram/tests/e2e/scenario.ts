/** Defines an end-to-end scenario: a new user on a simulated device. It fails if any page reports an error. */

import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Browser } from 'playwright-core';

import { AppDriver } from './app-driver';
import { openBrowser } from './browser';
import type { DeviceOptions } from './device';
import { type Worker, workerOf } from './stack';

const TIMEOUT_MS = 90_000;

/** What a scenario can use besides its app. */
interface ScenarioContext {
  worker: Worker;
  /** Opens the app on another device: for the same user with the same `user` option, otherwise for a new user. */
  openAnotherApp(options?: Partial<DeviceOptions>): Promise<AppDriver>;
}

type Run = (app: AppDriver, context: ScenarioContext) => Promise<void>;

let browser: Browser;

/** Call once in each file with scenarios. */
export function useBrowser(): void {
  beforeAll(async () => {
    if (process.env.E2E_MISSING === undefined) browser = await openBrowser();
  }, TIMEOUT_MS);
  afterAll(async () => {
    if (process.env.E2E_MISSING === undefined) await browser.close();
  });
}

export function scenario(name: string, run: Run, options: Partial<DeviceOptions> = {}): void {
  const missing = process.env.E2E_MISSING;
  // In CI, a scenario that cannot run must fail.
  if (missing !== undefined && !process.env.CI) {
    test.skip(name, () => undefined);
    return;
  }
  test(name, async () => {
    if (missing !== undefined) throw new Error(missing);
    await runScenario(name, run, options);
  }, TIMEOUT_MS);
}

async function runScenario(name: string, run: Run, options: Partial<DeviceOptions>): Promise<void> {
  const url = process.env.E2E_URL ?? '';
  const worker = workerOf(Number(process.env.E2E_PROCESS));
  const apps: AppDriver[] = [];
  const openAnotherApp = async (otherOptions: Partial<DeviceOptions> = {}) => {
    const app = await AppDriver.create(browser, url, otherOptions);
    apps.push(app);
    return app;
  };
  try {
    const app = await openAnotherApp(options);
    await app.openApp();
    await run(app, { worker, openAnotherApp });
    expect(apps.flatMap((each) => each.errors)).toEqual([]);
  } catch (error) {
    const screenshots = await Promise.all(apps.map((app, index) => app.screenshot(screenshotPath(name, index))));
    throw withDetails(error, ['screenshots:', ...screenshots, 'page errors:', ...apps.flatMap((app) => app.errors)]);
  } finally {
    worker.resume();
    await Promise.all(apps.map((app) => app.close()));
  }
}

const screenshotPath = (name: string, index: number): string => join(tmpdir(), `${name.replace(/[^\w]+/g, '-')}-${index}.png`);

function withDetails(error: unknown, details: string[]): unknown {
  if (!(error instanceof Error)) return error;
  const { message, stack = '' } = error;
  error.message = [message, ...details].join('\n');
  error.stack = stack.replace(message, error.message);
  return error;
}
