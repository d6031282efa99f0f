/**
 * The clients that are reading a page, up to a limit: each holds one, so this bounds the memory that clients can take.
 * Where there is no room for another one, the one that came first is cut off, being the slowest.
 */
export class Readers {
  private readonly reading = new Set<() => void>();

  constructor(private readonly limit: number) {}

  /** Takes a client in, by what cuts it off, until its page is sent. */
  async during(cutOff: () => void, sent: () => Promise<void>): Promise<void> {
    if (this.reading.size >= this.limit) this.cutFirst();
    this.reading.add(cutOff);
    try {
      await sent();
    } finally {
      this.reading.delete(cutOff);
    }
  }

  private cutFirst(): void {
    for (const cutOff of this.reading) {
      this.reading.delete(cutOff);
      cutOff();
      return;
    }
  }
}
