/** In the hash table: no entry. Entries are row + 1. */
const EMPTY = 0;

/** The part of the hash table that may be taken: above, look-ups pass more and more entries of others. */
const FULL = 0.7;

/** How much longer an array gets that is full: memory matters more here than the time of a few copies. */
const GROWTH = 1.25;

const SEED = 0x2f0b4a27;

/**
 * Finds the row of a series by its label values. Each text is kept once a label and stands for a small number; a
 * series is a tuple of such numbers, and a hash table over the tuples gives its row. So values never run into each
 * other whatever text they hold, a look-up builds no key, and a series costs a few bytes here.
 */
export class SeriesIndex {
  private readonly dictionaries: Dictionary[];
  /** The tuple that is looked for. */
  private readonly sought: Int32Array;
  /** The tuples of all rows, one behind the other. */
  private tuples: Int32Array;
  private table = new Int32Array(8);
  private size = 0;

  constructor(private readonly labels: number) {
    this.dictionaries = Array.from({ length: labels }, () => new Dictionary());
    this.sought = new Int32Array(labels);
    this.tuples = new Int32Array(labels);
  }

  /** The row of the series with these label values, or -1. */
  find(texts: readonly string[]): number {
    if (this.labels === 3) return this.findOfThree(texts[0], texts[1], texts[2]);
    const { dictionaries, sought, tuples, table, labels } = this;
    let hash = SEED;
    for (let i = 0; i < labels; i++) {
      const number = dictionaries[i].numbers.get(texts[i]);
      if (number === undefined) return -1;
      sought[i] = number;
      hash = mix(hash, number);
    }
    const mask = table.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const entry = table[at];
      if (entry === EMPTY) return -1;
      const base = (entry - 1) * labels;
      let i = 0;
      while (i < labels && tuples[base + i] === sought[i]) i++;
      if (i === labels) return entry - 1;
    }
  }

  /** Enters a series that is not there yet. */
  add(row: number, values: readonly string[]): void {
    const base = row * this.labels;
    if (base + this.labels > this.tuples.length) {
      const tuples = new Int32Array(Math.max(base + this.labels, Math.ceil(this.tuples.length * GROWTH)));
      tuples.set(this.tuples);
      this.tuples = tuples;
    }
    for (let i = 0; i < this.labels; i++) this.tuples[base + i] = this.dictionaries[i].retain(values[i]);
    this.size += 1;
    if (this.size > this.table.length * FULL) this.widen();
    this.enter(row);
  }

  /** Takes a series out. */
  remove(row: number): void {
    const mask = this.table.length - 1;
    let hole = this.home(row);
    while (this.table[hole] !== row + 1) hole = (hole + 1) & mask;
    // Linear probing needs no tombstones when later entries of the run are moved back over the hole.
    for (let at = (hole + 1) & mask; this.table[at] !== EMPTY; at = (at + 1) & mask) {
      const home = this.home(this.table[at] - 1);
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        this.table[hole] = this.table[at];
        hole = at;
      }
    }
    this.table[hole] = EMPTY;
    this.size -= 1;
    for (let i = 0; i < this.labels; i++) this.dictionaries[i].release(this.tuples[row * this.labels + i]);
  }

  /** The label values of a row that is in use. */
  valuesOf(row: number): string[] {
    return this.dictionaries.map((dictionary, i) => dictionary.textOf(this.tuples[row * this.labels + i]));
  }

  /** Without the loops over the labels, a look-up takes three quarters of the time. */
  private findOfThree(first: string, second: string, third: string): number {
    const { dictionaries, tuples, table } = this;
    const a = dictionaries[0].numbers.get(first);
    const b = dictionaries[1].numbers.get(second);
    const c = dictionaries[2].numbers.get(third);
    if (a === undefined || b === undefined || c === undefined) return -1;
    const mask = table.length - 1;
    for (let at = mix(mix(mix(SEED, a), b), c) & mask; ; at = (at + 1) & mask) {
      const entry = table[at];
      if (entry === EMPTY) return -1;
      const base = (entry - 1) * 3;
      if (tuples[base] === a && tuples[base + 1] === b && tuples[base + 2] === c) return entry - 1;
    }
  }

  /** Where a row stands in the table, if nothing was there before. */
  private home(row: number): number {
    let hash = SEED;
    for (let i = row * this.labels; i < (row + 1) * this.labels; i++) hash = mix(hash, this.tuples[i]);
    return hash & (this.table.length - 1);
  }

  private enter(row: number): void {
    const mask = this.table.length - 1;
    let at = this.home(row);
    while (this.table[at] !== EMPTY) at = (at + 1) & mask;
    this.table[at] = row + 1;
  }

  private widen(): void {
    const entries = this.table.filter((entry) => entry !== EMPTY);
    this.table = new Int32Array(this.table.length * 2);
    for (const entry of entries) this.enter(entry - 1);
  }
}

/** One label's texts and the numbers that stand for them; a number is free again when no series uses it. */
class Dictionary {
  readonly numbers = new Map<string, number>();
  private readonly texts: string[] = [];
  private readonly uses: number[] = [];
  private readonly spare: number[] = [];

  textOf(number: number): string {
    return this.texts[number];
  }

  retain(text: string): number {
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.spare.pop() ?? this.texts.length;
      this.numbers.set(text, number);
      this.texts[number] = text;
      this.uses[number] = 0;
    }
    this.uses[number] += 1;
    return number;
  }

  release(number: number): void {
    this.uses[number] -= 1;
    if (this.uses[number] > 0) return;
    this.numbers.delete(this.texts[number]);
    this.texts[number] = '';
    this.spare.push(number);
  }
}

function mix(hash: number, number: number): number {
  const mixed = Math.imul(hash ^ number, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
