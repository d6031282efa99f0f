/** Growth factor of a longer array: memory matters more here than the time of a few copies. */
const GROWTH = 1.25;

/** The fill level at which copying to a longer array begins. Until it ends, there are two arrays. */
const BEGIN = 0.95;

/** Numbers copied for each one that is added. Copying must end before the array is full, and soon, to save memory. */
const PACE = 64;

/** Up to this length, an array is copied at once, in some microseconds, and doubled. */
const SHORT = 16_384;

/** Numbers of a long array that are copied at once: a few microseconds, far more than what the call of `set` takes. */
const CHUNK = 4096;

/** Up to this many numbers, a loop is faster than a call of `set`. */
const MAX_LOOP = 64;

/**
 * An array of numbers that grows without a pause: it is copied a few numbers at a time while others are added. Read
 * from `array`, which is replaced when it grows; write with `set`.
 */
export class GrowingNumbers<T extends Int32Array | Float64Array> {
  private next: T | undefined;
  private copied = 0;
  private used = 0;

  constructor(
    public array: T,
    private readonly make: (length: number) => T,
  ) {}

  set(index: number, value: number): void {
    this.array[index] = value;
    if (index < this.copied && this.next !== undefined) this.next[index] = value;
  }

  /** Makes room for `length` numbers. To be called for every number that is added, or every few. */
  reserve(length: number): void {
    if (length <= this.used) return;
    this.used = length;
    if (this.next === undefined) {
      if (length <= (this.array.length > SHORT ? this.array.length * BEGIN : this.array.length)) return;
      const growth = this.array.length > SHORT ? GROWTH : 2;
      this.next = this.make(Math.max(length, Math.ceil(this.array.length * growth)));
    }
    // The copy need not include the numbers that are being added: they are written after this call.
    const end = Math.min(length, this.array.length);
    const due = length > end ? end : Math.min(Math.floor((length - this.array.length * BEGIN) * PACE), end);
    if (due < end && due < this.copied + CHUNK) return;
    this.copyUpTo(due);
    if (due < end) return;
    if (length > this.next.length) this.lengthen(this.next, length);
    this.array = this.next;
    this.next = undefined;
    this.copied = 0;
  }

  private copyUpTo(to: number): void {
    const { array, next } = this;
    if (next === undefined) return;
    if (to - this.copied > MAX_LOOP) next.set(array.subarray(this.copied, to), this.copied);
    else for (let i = this.copied; i < to; i++) next[i] = array[i];
    this.copied = to;
  }

  private lengthen(next: T, length: number): void {
    this.next = this.make(length);
    this.next.set(next);
  }
}

export const makeInt32s = (length: number): Int32Array => new Int32Array(length);
export const makeFloat64s = (length: number): Float64Array => new Float64Array(length);
