/** Polls a job until it has ended, at the interval that the service sets. */
import { codeOf, INACCESSIBLE_CODES } from '../services/errors';
import { isUnfinished, type Stylization } from '../services/stylizations';

export interface Clock {
  setTimer(milliseconds: number, callback: () => void): unknown;
  clearTimer(timer: unknown): void;
  /** Returns a number from 0 to 1 for the jitter, so that many devices do not poll at the same moment. */
  random(): number;
}

export interface PollerListener {
  onJob(job: Stylization): void;
  /** A request failed; `failures` counts the failures in a row. Polling continues. */
  onError(error: unknown, failures: number): void;
  /** The job does not exist or is not accessible. Polling has ended. */
  onInaccessible(error: unknown): void;
}

const SYSTEM_CLOCK: Clock = {
  setTimer: (milliseconds, callback) => setTimeout(callback, milliseconds),
  clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  random: Math.random,
};
const DEFAULT_INTERVAL_MS = 1500;
const INTERVAL_AFTER_ERROR_MS = 5000;
const JITTER = 0.2;

export class Poller {
  private timer: unknown = null;
  private isPaused = false;
  private isStopped = false;
  private isFetching = false;
  private failures = 0;
  private intervalMs = DEFAULT_INTERVAL_MS;

  constructor(
    private readonly fetchJob: () => Promise<Stylization>,
    private readonly listener: PollerListener,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {}

  /** Polls at once, or after the interval if the job is already known. */
  start(known?: Stylization): void {
    if (!known) return void this.poll();
    this.readInterval(known);
    this.schedule();
  }

  pause(): void {
    this.isPaused = true;
    this.clearTimer();
  }

  /** Polls at once. */
  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    void this.poll();
  }

  stop(): void {
    this.isStopped = true;
    this.clearTimer();
  }

  private async poll(): Promise<void> {
    this.clearTimer();
    if (this.isFetching || this.isStopped || this.isPaused) return;
    this.isFetching = true;
    try {
      const job = await this.fetchJob();
      if (this.isStopped) return;
      this.failures = 0;
      this.readInterval(job);
      this.listener.onJob(job);
    } catch (error) {
      if (!this.isStopped) this.handleError(error);
    } finally {
      this.isFetching = false;
    }
    this.schedule();
  }

  private handleError(error: unknown): void {
    if (INACCESSIBLE_CODES.includes(codeOf(error))) {
      this.stop();
      return this.listener.onInaccessible(error);
    }
    this.failures += 1;
    this.intervalMs = INTERVAL_AFTER_ERROR_MS;
    this.listener.onError(error, this.failures);
  }

  private readInterval(job: Stylization): void {
    this.intervalMs = job.poll_after_ms ?? DEFAULT_INTERVAL_MS;
    if (!isUnfinished(job)) this.stop();
  }

  private schedule(): void {
    if (this.isStopped || this.isPaused) return;
    this.clearTimer();
    const jitter = 1 + JITTER * this.clock.random();
    this.timer = this.clock.setTimer(this.intervalMs * jitter, () => void this.poll());
  }

  private clearTimer(): void {
    if (this.timer !== null) this.clock.clearTimer(this.timer);
    this.timer = null;
  }
}
