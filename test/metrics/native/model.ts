import { nativeUpperBound } from 'promark';

type Rules = Readonly<
  Record<'schema' | 'maxBuckets' | 'zeroThreshold' | 'maxZeroThreshold' | 'minResetSeconds', number>
>;
type Buckets = Map<number, number>;

/** The rules of a native histogram in their simplest form: maps, and a search through all bounds. */
export class Model {
  positive: Buckets = new Map();
  negative: Buckets = new Map();
  private schema: number;
  private zeroThreshold: number;
  private zeroCount = 0;
  private count = 0;
  private sum = 0;
  private sinceReset = 0;
  private resetPlanned = false;

  constructor(private readonly rules: Rules) {
    this.schema = rules.schema;
    this.zeroThreshold = rules.zeroThreshold;
  }

  /** What there is besides the buckets. */
  head() {
    const { schema, zeroThreshold, zeroCount, count, sum } = this;
    return { schema, zeroThreshold, zeroCount, count, sum };
  }

  /** Advances the clock by some seconds. */
  pass(seconds: number): void {
    this.sinceReset += seconds;
    if (this.resetPlanned && this.sinceReset >= this.rules.minResetSeconds) this.reset();
  }

  observe(value: number): void {
    this.add(value);
    const { maxBuckets, minResetSeconds } = this.rules;
    if (Number.isNaN(value) || maxBuckets === 0 || this.positive.size + this.negative.size <= maxBuckets) return;
    if (minResetSeconds > 0 && !this.resetPlanned && this.sinceReset >= minResetSeconds) {
      this.reset();
      this.add(value);
      return;
    }
    this.resetPlanned = minResetSeconds > 0;
    if (!this.widen()) this.halve();
  }

  private add(value: number): void {
    this.count += 1;
    this.sum += value;
    if (Number.isNaN(value)) return;
    const finite = Math.min(Number.MAX_VALUE, Math.abs(value));
    if (finite <= this.zeroThreshold) this.zeroCount += 1;
    else {
      const buckets = value > 0 ? this.positive : this.negative;
      const index = this.indexOf(finite) + (Number.isFinite(value) ? 0 : 1);
      buckets.set(index, (buckets.get(index) ?? 0) + 1);
    }
  }

  private indexOf(value: number): number {
    const fine = Math.max(0, this.schema);
    // Bounds among the subnormals are rounded, so these are looked up in a higher range.
    const lift = value < 2 ** -1000 ? 100 : 0;
    let low = -1080 * 2 ** fine;
    let high = 1024 * 2 ** fine;
    while (low + 1 < high) {
      const middle = Math.floor((low + high) / 2);
      if (nativeUpperBound(fine, middle) < value * 2 ** lift) low = middle;
      else high = middle;
    }
    return Math.ceil((high - lift * 2 ** fine) / 2 ** (fine - this.schema)) + 0;
  }

  private reset(): void {
    Object.assign(this, new Model(this.rules));
  }

  private widen(): boolean {
    const { maxZeroThreshold } = this.rules;
    const least = Math.min(...this.positive.keys(), ...this.negative.keys());
    if (this.zeroThreshold >= maxZeroThreshold || least === Infinity) return false;
    const bound = nativeUpperBound(this.schema, least);
    if (bound > maxZeroThreshold) return false;
    for (const buckets of [this.positive, this.negative]) {
      this.zeroCount += buckets.get(least) ?? 0;
      buckets.delete(least);
    }
    this.zeroThreshold = bound;
    return true;
  }

  private halve(): void {
    if (this.schema === -4) return;
    this.schema -= 1;
    for (const buckets of [this.positive, this.negative]) {
      const finer = [...buckets];
      buckets.clear();
      // Bucket k of the coarser schema holds 2k-1 and 2k of the finer.
      for (const [index, count] of finer) {
        const coarser = Math.ceil(index / 2) + 0;
        buckets.set(coarser, (buckets.get(coarser) ?? 0) + count);
      }
    }
  }
}
