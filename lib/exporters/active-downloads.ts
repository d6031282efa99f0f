import type { ServerResponse } from 'node:http';
import { cutOff } from './transport.js';

/**
 * The clients that are downloading a page, up to a limit: each holds one page, so the limit bounds the memory that
 * clients can take. Beyond it, the oldest download that the server has to wait for is cut off. Clients that keep up are
 * left alone: they are about to finish.
 */
export class ActiveDownloads {
  private readonly active = new Set<ServerResponse>();

  constructor(private readonly limit: number) {}

  /** Counts a client until its page is sent. */
  async during(response: ServerResponse, send: () => Promise<void>): Promise<void> {
    if (this.active.size >= this.limit) this.cutOne();
    this.active.add(response);
    try {
      await send();
    } finally {
      this.active.delete(response);
    }
  }

  private cutOne(): void {
    for (const response of this.active) {
      if (!response.writableNeedDrain) continue;
      this.active.delete(response);
      cutOff(response);
      return;
    }
  }
}
