/** Lets so many things run at once; the others wait in their order. */
export class Gate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly places: number) {}

  async through<T>(task: () => Promise<T>): Promise<T> {
    if (this.running >= this.places) await new Promise<void>((enter) => this.waiting.push(enter));
    this.running += 1;
    try {
      return await task();
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
  }
}
