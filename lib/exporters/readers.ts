import type { ServerResponse } from 'node:http';
import { cutOff } from './cut-off.js';

/**
 * The clients that are reading a page, up to a limit: each holds one, so this bounds the memory that clients can take.
 * Where there are too many, the one that came first of those that the server has to wait for is cut off. Those that keep
 * up are left alone: they are about to go.
 */
export class Readers {
  private readonly reading = new Set<ServerResponse>();

  constructor(private readonly limit: number) {}

  /** Counts a client until its page is sent. */
  async during(response: ServerResponse, send: () => Promise<void>): Promise<void> {
    if (this.reading.size >= this.limit) this.cutOne();
    this.reading.add(response);
    try {
      await send();
    } finally {
      this.reading.delete(response);
    }
  }

  private cutOne(): void {
    for (const response of this.reading) {
      if (!response.writableNeedDrain) continue;
      this.reading.delete(response);
      cutOff(response);
      return;
    }
  }
}
