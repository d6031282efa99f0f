/** How many pages, finished or not, have bytes of a buffer. */
const holders = new WeakMap<ArrayBufferLike, number>();

/** Room for numbers that get longer, as a share of what is there. */
const SLACK = 1 / 128;

/** Notes that a page has these bytes, so that they stay as they are until `release`. */
export function hold({ buffer }: Uint8Array): void {
  holders.set(buffer, (holders.get(buffer) ?? 0) + 1);
}

/** Notes that a page does not need bytes any more that were held for it. Others are not counted. */
export function release({ buffer }: Uint8Array): void {
  const count = holders.get(buffer);
  if (count !== undefined) holders.set(buffer, count - 1);
}

function isHeld({ buffer }: Uint8Array): boolean {
  return (holders.get(buffer) ?? 0) > 0;
}

/**
 * Memory for the bytes of one group, which change from page to page. As long as no page has them, they may be changed where
 * they are. A page that nobody releases is left alone for good, and the next bytes get other memory.
 */
export class GroupMemory {
  private memory = Buffer.alloc(0);
  /** What pages had last, to be used again when they are done with it. */
  private other = Buffer.alloc(0);

  /** The memory of the current bytes if they may be changed and `length` bytes fit. */
  own(length: number): Buffer | undefined {
    return length <= this.memory.length && !isHeld(this.memory) ? this.memory : undefined;
  }

  /** Other memory than that of the current bytes. */
  next(length: number): Buffer {
    const { memory, other } = this;
    const fits = length <= other.length && !isHeld(other);
    this.memory = fits ? other : Buffer.allocUnsafeSlow(length + Math.ceil(length * SLACK));
    this.other = isHeld(memory) ? memory : Buffer.alloc(0);
    return this.memory;
  }
}
