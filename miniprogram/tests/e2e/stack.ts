/** Starts the service as `make run` does, but on a free port and with its data in a temporary folder. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const HERE = join(process.cwd(), 'tests/e2e'); // npm and jest run in the folder of package.json
export const REPOSITORY = join(process.cwd(), '..');
const READY = /ready url=(\S+)/;
const START_TIMEOUT_MS = 120_000;

/** A running service that serves the mini program at `/`. */
export interface Stack {
  url: string;
  /** The process of `dualtrans serve`. The API, the worker and the queue are its children. */
  processId: number;
  /** The folder of the sample images. */
  sampleImages: string;
  stop(): Promise<void>;
}

/** The path of a program in the Python environment of the service. */
export function programPath(name: string): string {
  const given = process.env.DUALTRANS;
  if (given && name === 'dualtrans') return given;
  return join(given ? join(given, '..') : join(REPOSITORY, '.venv/bin'), name);
}

/** Why the service cannot be started here; empty if it can. */
export function missingStack(): string {
  const path = programPath('dualtrans');
  return existsSync(path) ? '' : `${path} not found; run \`make install\` or set DUALTRANS to its path`;
}

export async function startStack(): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), 'dualtrans-e2e-'));
  const runner = join(folder, 'runner');
  execFileSync(process.execPath, ['runner/build.mjs', '--out', runner], { stdio: ['ignore', 'ignore', 'inherit'] });
  const sampleImages = mkdtempSync(join(folder, 'images-'));
  execFileSync(programPath('python'), [join(HERE, 'sample_images.py'), sampleImages]);
  const log = join(folder, 'log');
  const service = spawn(programPath('dualtrans'), ['serve'], {
    cwd: REPOSITORY,
    env: { ...withoutServiceSettings(process.env), ...serviceSettings(folder, runner) },
    stdio: ['ignore', 'pipe', openSync(log, 'w')],
  });
  cleanUpOnExit(service, folder);
  const stop = async () => {
    await stopProcess(service);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { url: await readyUrl(service), processId: service.pid ?? 0, sampleImages, stop };
  } catch (error) {
    const logText = readFileSync(log, 'utf8');
    await stop();
    throw new Error(`the service did not start: ${String(error)}\n${logText}`);
  }
}

/** Stops the service and deletes its files if the test run is interrupted. */
function cleanUpOnExit(service: ChildProcess, folder: string): void {
  process.once('exit', () => {
    service.kill('SIGINT');
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}

/** Removes variables that configure another service on this machine. */
const withoutServiceSettings = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^DUALTRANS_|_URL$/.test(name)));

const serviceSettings = (folder: string, runner: string) => ({
  DUALTRANS_DATA_DIR: join(folder, 'var'),
  DUALTRANS_PORT: '0',
  DUALTRANS_DEV_LOGIN: '1',
  DUALTRANS_MINIPROGRAM_DIR: runner,
  DUALTRANS_LOG_LEVEL: 'warning',
  DUALTRANS_MAX_BATCH: '1', // a job waits while another one runs
  DUALTRANS_MAX_QUEUED_PER_OWNER: '3', // a fourth job is rejected
  DUALTRANS_LEASE_SECONDS: '300', // a paused worker keeps its job
});

function readyUrl(service: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timeout = setTimeout(() => reject(new Error(`not ready after ${START_TIMEOUT_MS / 1000} s`)), START_TIMEOUT_MS);
    service.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const url = READY.exec(output)?.[1];
      if (url) {
        clearTimeout(timeout);
        resolve(url);
      }
    });
    service.once('exit', (status) => {
      clearTimeout(timeout);
      reject(new Error(`exit status ${status}`));
    });
  });
}

function stopProcess(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    service.once('exit', () => resolve());
    service.kill('SIGINT');
  });
}

export interface Worker {
  /** Suspends the worker process, so that jobs stay queued or running. */
  pause(): void;
  resume(): void;
}

export function workerOf(stackProcessId: number): Worker {
  const send = (signal: NodeJS.Signals) => {
    for (const id of workerProcessIds(stackProcessId)) process.kill(id, signal);
  };
  return { pause: () => send('SIGSTOP'), resume: () => send('SIGCONT') };
}

function workerProcessIds(stackProcessId: number): number[] {
  const output = execFileSync('ps', ['-ewwo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const rows = output.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.filter(([, parent, ...args]) => Number(parent) === stackProcessId && args.join(' ').endsWith('-m worker')).map(([id]) => Number(id));
}
