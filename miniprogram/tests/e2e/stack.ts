/** Starts what a newcomer starts by `make run`, on a free port and in a folder of its own, and stops it again. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const HERE = join(process.cwd(), 'tests/e2e'); // npm and jest run in the folder of package.json
export const REPOSITORY = join(process.cwd(), '..');
const READY = /ready url=(\S+)/;
const START_MS = 120_000;

/** A running service with the mini program at its `/`. */
export interface Stack {
  url: string;
  /** Of `dualtrans serve`; the API, the worker and the queue are its children. */
  processId: number;
  /** Where the pictures lie that the tests choose. */
  pictures: string;
  stop(): Promise<void>;
}

/** A program of the environment that the service is installed in. */
export const command = (name: string): string => {
  const given = process.env.DUALTRANS;
  return given && name === 'dualtrans' ? given : join(given ? join(given, '..') : join(REPOSITORY, '.venv/bin'), name);
};

/** Why there is no stack to be had here; '' where there is one. */
export function missingForTheStack(): string {
  return existsSync(command('dualtrans')) ? '' : `${command('dualtrans')} is not there: run \`make install\`, or name it by DUALTRANS`;
}

export async function startStack(): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), 'dualtrans-e2e-'));
  const built = join(folder, 'runner');
  execFileSync(process.execPath, ['runner/build.mjs', '--out', built], { stdio: ['ignore', 'ignore', 'inherit'] });
  const pictures = mkdtempSync(join(folder, 'pictures-'));
  execFileSync(command('python'), [join(HERE, 'pictures.py'), pictures]);
  const log = join(folder, 'log');
  const service = spawn(command('dualtrans'), ['serve'], {
    cwd: REPOSITORY,
    env: { ...withoutServers(process.env), ...settings(folder, built) },
    stdio: ['ignore', 'pipe', openSync(log, 'w')],
  });
  leaveNothingBehind(service, folder);
  const stop = async () => {
    await ended(service);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { url: await addressOf(service), processId: service.pid ?? 0, pictures, stop };
  } catch (error) {
    const said = readFileSync(log, 'utf8');
    await stop();
    throw new Error(`the service did not start: ${String(error)}\n${said}`);
  }
}

/** A run that is broken off ends what it has started, too. */
function leaveNothingBehind(service: ChildProcess, folder: string): void {
  process.once('exit', () => {
    service.kill('SIGINT');
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}

/** What the machine around us has set up for its own service is none of this one's business. */
const withoutServers = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^DUALTRANS_|_URL$/.test(name)));

const settings = (folder: string, built: string) => ({
  DUALTRANS_DATA_DIR: join(folder, 'var'),
  DUALTRANS_PORT: '0',
  DUALTRANS_DEV_LOGIN: '1',
  DUALTRANS_MINIPROGRAM_DIR: built,
  DUALTRANS_LOG_LEVEL: 'warning',
  DUALTRANS_MAX_BATCH: '1', // so that a job waits behind another one
  DUALTRANS_MAX_QUEUED_PER_OWNER: '3', // so that three jobs are already too many
  DUALTRANS_LEASE_SECONDS: '300', // a worker that a test holds still keeps what it has in hand
});

function addressOf(service: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const tooLong = setTimeout(() => reject(new Error(`no word of it in ${START_MS / 1000} s`)), START_MS);
    service.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const url = READY.exec(said)?.[1];
      if (url) {
        clearTimeout(tooLong);
        resolve(url);
      }
    });
    service.once('exit', (status) => {
      clearTimeout(tooLong);
      reject(new Error(`exit status ${status}`));
    });
  });
}

function ended(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    service.once('exit', () => resolve());
    service.kill('SIGINT');
  });
}

/** Holds the worker's process still, as a machine under load may, and lets it go on. */
export function worker(stackProcessId: number): { hold(): void; release(): void } {
  const send = (signal: NodeJS.Signals) => {
    for (const id of workersOf(stackProcessId)) process.kill(id, signal);
  };
  return { hold: () => send('SIGSTOP'), release: () => send('SIGCONT') };
}

function workersOf(stackProcessId: number): number[] {
  const listed = execFileSync('ps', ['-ewwo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const rows = listed.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.filter(([, parent, ...args]) => Number(parent) === stackProcessId && args.join(' ').endsWith('-m worker')).map(([id]) => Number(id));
}
