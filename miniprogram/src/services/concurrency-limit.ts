/** Runs at most `limit` tasks at the same time; the others wait in order. */
export class ConcurrencyLimit {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running < this.limit) this.running += 1;
    else await new Promise<void>((start) => this.waiting.push(start));
    try {
      return await task();
    } finally {
      // The slot goes directly to the next waiting task. If it were freed, a new task could take it before the waiting one resumes.
      const start = this.waiting.shift();
      if (start) start();
      else this.running -= 1;
    }
  }
}
