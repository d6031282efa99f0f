/** A finished page, as bytes. They are shared with later pages: whoever sends them must not write into them. */
export class Page {
  constructor(
    /** The whole `Content-Type`. */
    readonly contentType: string,
    /** The page in pieces of some ten thousand bytes, in order. Send these where that is possible: nothing is copied. */
    readonly chunks: readonly Uint8Array[],
  ) {}

  /** Bytes of the page. */
  get length(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** The page in one piece: a copy. */
  get body(): Uint8Array {
    return Buffer.concat(this.chunks);
  }

  /** The page as text. */
  get text(): string {
    const decoder = new TextDecoder();
    let page = '';
    for (const chunk of this.chunks) page += decoder.decode(chunk, { stream: true });
    return page + decoder.decode();
  }
}

/** Smaller pieces are joined up to this size: a page of many small families is a few writes and not hundreds. */
const JOINED = 64 * 1024;

/** Collects the pieces of a page. */
export class PageBuilder {
  private readonly chunks: Uint8Array[] = [];
  private small: Uint8Array[] = [];
  private smallLength = 0;

  add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    if (piece.length >= JOINED / 4) {
      this.flush();
      this.chunks.push(piece);
      return;
    }
    this.small.push(piece);
    this.smallLength += piece.length;
    if (this.smallLength >= JOINED) this.flush();
  }

  finish(contentType: string): Page {
    this.flush();
    return new Page(contentType, this.chunks);
  }

  private flush(): void {
    if (this.smallLength === 0) return;
    this.chunks.push(Buffer.concat(this.small, this.smallLength));
    this.small = [];
    this.smallLength = 0;
  }
}
