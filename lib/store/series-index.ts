/** In the hash table: no entry. Entries are row + 1. */
const EMPTY = 0;
const UNKNOWN = -1;

/**
 * Finds the row of a series by its label values. Each text is kept once a label and stands for a small number; a
 * series is a tuple of such numbers, and a hash table over the tuples gives its row. So values never run into each
 * other whatever text they hold, a look-up builds no key, and a series costs a few bytes here.
 *
 * A look-up is `seek(0, …)`, `seek(1, …)`, … for every label and then `find()`.
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

  /** Sets one value of the tuple that `find` looks for. */
  seek(label: number, text: string): void {
    this.sought[label] = this.dictionaries[label].numberOf(text);
  }

  /** The row of the tuple that was set by `seek`, or -1. */
  find(): number {
    const { table, tuples, sought, labels } = this;
    const mask = table.length - 1;
    for (let at = hash(sought, 0, labels) & mask; ; at = (at + 1) & mask) {
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
      const tuples = new Int32Array(Math.max(base + this.labels, this.tuples.length * 2));
      tuples.set(this.tuples);
      this.tuples = tuples;
    }
    for (let i = 0; i < this.labels; i++) this.tuples[base + i] = this.dictionaries[i].retain(values[i]);
    this.size += 1;
    if (this.size * 2 > this.table.length) this.widen();
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

  private home(row: number): number {
    return hash(this.tuples, row * this.labels, this.labels) & (this.table.length - 1);
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
  private readonly numbers = new Map<string, number>();
  private readonly texts: string[] = [];
  private readonly uses: number[] = [];
  private readonly spare: number[] = [];

  numberOf(text: string): number {
    return this.numbers.get(text) ?? UNKNOWN;
  }

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

function hash(tuple: Int32Array, from: number, length: number): number {
  let h = 0x2f0b4a27;
  for (let i = from; i < from + length; i++) {
    h = Math.imul(h ^ tuple[i], 0x9e3779b1);
    h ^= h >>> 15;
  }
  return h;
}
