/** Asks after a job until it has ended: as often as the service says, not at all in the background. */
import { codeOf, GONE } from '../services/errors';
import type { Stylization } from '../services/stylizations';

export interface Clock {
  after(milliseconds: number, call: () => void): unknown;
  cancel(timer: unknown): void;
  /** From 0 to 1: so that a thousand phones do not ask in step. */
  random(): number;
}

export interface Listener {
  heard(job: Stylization): void;
  /** So many questions in a row got no answer; it goes on asking. */
  unanswered(error: unknown, times: number): void;
  /** It is gone: asking has ended. */
  lost(error: unknown): void;
}

const CLOCK: Clock = {
  after: (milliseconds, call) => setTimeout(call, milliseconds),
  cancel: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  random: Math.random,
};
const DEFAULT_MS = 1500;
const UNANSWERED_MS = 5000;
const JITTER = 0.2;

export class Poller {
  private timer: unknown = null;
  private isPaused = false;
  private isStopped = false;
  private isAsking = false;
  private failures = 0;
  private pauseMs = DEFAULT_MS;

  constructor(
    private readonly ask: () => Promise<Stylization>,
    private readonly listener: Listener,
    private readonly clock: Clock = CLOCK,
  ) {}

  /** With what is known already, or asking at once. */
  start(known?: Stylization): void {
    if (!known) return void this.poll();
    this.note(known);
    this.wait();
  }

  pause(): void {
    this.isPaused = true;
    this.cancelTimer();
  }

  /** Asks at once: whoever comes back wants to know. */
  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    void this.poll();
  }

  stop(): void {
    this.isStopped = true;
    this.cancelTimer();
  }

  private async poll(): Promise<void> {
    this.cancelTimer();
    if (this.isAsking || this.isStopped || this.isPaused) return;
    this.isAsking = true;
    try {
      const job = await this.ask();
      if (this.isStopped) return;
      this.failures = 0;
      this.note(job);
      this.listener.heard(job);
    } catch (error) {
      if (!this.isStopped) this.failed(error);
    } finally {
      this.isAsking = false;
    }
    this.wait();
  }

  private failed(error: unknown): void {
    if (GONE.includes(codeOf(error))) {
      this.stop();
      return this.listener.lost(error);
    }
    this.failures += 1;
    this.pauseMs = UNANSWERED_MS;
    this.listener.unanswered(error, this.failures);
  }

  private note(job: Stylization): void {
    const isOpen = job.status === 'queued' || job.status === 'running';
    this.pauseMs = job.poll_after_ms ?? DEFAULT_MS;
    if (!isOpen) this.stop();
  }

  private wait(): void {
    if (this.isStopped || this.isPaused) return;
    this.cancelTimer();
    const jitter = 1 + JITTER * this.clock.random();
    this.timer = this.clock.after(this.pauseMs * jitter, () => void this.poll());
  }

  private cancelTimer(): void {
    if (this.timer !== null) this.clock.cancel(this.timer);
    this.timer = null;
  }
}
