/** Lets so many things run at once; the others wait in their order. */
export class Gate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly places: number) {}

  async through<T>(task: () => Promise<T>): Promise<T> {
    if (this.running < this.places) this.running += 1;
    else await new Promise<void>((enter) => this.waiting.push(enter));
    try {
      return await task();
    } finally {
      // a place is handed on, not freed: else somebody could slip in before the one who waits has woken
      const enter = this.waiting.shift();
      if (enter) enter();
      else this.running -= 1;
    }
  }
}
