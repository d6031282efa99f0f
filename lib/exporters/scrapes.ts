/** A page that is being rendered or sent. */
export interface Scrape {
  /** Ends it. Set as soon as nothing but the client is waited for. */
  cut?: () => void;
}

/**
 * The scrapes that are under way, up to a limit: each holds a page, so this bounds the memory that clients can take.
 * Where there is no room for another one, that which came first of those whose client is slow to read makes room.
 */
export class Scrapes {
  private readonly open = new Set<Scrape>();

  constructor(private readonly limit: number) {}

  /** Takes a scrape in; undefined where there is no room, because all others are still being rendered. */
  enter(): Scrape | undefined {
    if (this.open.size >= this.limit && !this.cutOldest()) return undefined;
    const scrape: Scrape = {};
    this.open.add(scrape);
    return scrape;
  }

  leave(scrape: Scrape): void {
    this.open.delete(scrape);
  }

  private cutOldest(): boolean {
    for (const scrape of this.open) {
      if (scrape.cut === undefined) continue;
      this.open.delete(scrape);
      scrape.cut();
      return true;
    }
    return false;
  }
}
