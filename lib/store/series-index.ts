import { type DenseRows, denseRows } from './dense-rows.js';
import { GrowingNumbers, makeInt32s } from './growing-numbers.js';

/**
 * A slot of the hash table consists of two numbers: row + 1, or EMPTY, and the hash of the series, so that neither
 * growing nor a look-up has to read tuples of other series.
 */
const SLOT = 2;
const EMPTY = 0;

/** Maximum load factor of the hash table. Probing reads neighboring slots only, whose hashes tell other series apart. */
const MAX_LOAD = 0.8;

/**
 * Up to this length, the hash table grows by the larger factor, because fewer entries then move before V8 has compiled
 * this code.
 */
const SMALL = 4096 * SLOT;
const GROWTH_OF_SMALL = 4;

/** Maximum number of labels that are looked up in dense rows. */
const MAX_DENSE_LABELS = 3;
const NO_DENSE_ENTRIES = new Int32Array(0);

/** In the tuple that is looked up: the number of this label's string is not known. */
export const UNKNOWN = -1;

/** An entry of the former hash table whose series was removed. */
const TOMBSTONE = -1;

/** Numbers of the former hash table that are moved for each series added, until it is empty. */
const MOVED_AT_ONCE = 64 * SLOT;

/**
 * Finds the row of a series by its label values. Each label value is stored once per label and has a small number; a
 * series is a tuple of such numbers, and a hash table maps tuples to rows. Distinct values therefore never collide, a
 * look-up builds no key, and a series takes only a few bytes here.
 */
export class SeriesIndex {
  /**
   * One for each label. Until the first series is added, all share one empty dictionary. The next fields share empty
   * values too.
   */
  dictionaries: readonly Dictionary[];
  /** The factor of each label's number in the hash of a tuple. */
  readonly factors: Int32Array;
  /** The tuple of the last look-up. Its numbers are valid until the next look-up in any index. */
  private readonly sought: Int32Array;
  /** The numbers of the first three labels, without indirection. */
  private firstNumbers = NO_NUMBERS;
  private secondNumbers = NO_NUMBERS;
  private thirdNumbers = NO_NUMBERS;
  /** The tuples of all rows, one after the other. */
  private tuples: Int32Array = NO_TUPLES;
  private table: Int32Array = NO_ENTRIES;
  private growing: GrowingNumbers<Int32Array> | undefined;
  private size = 0;
  /** The previous, smaller hash table, while its entries are moved: moving a million at once would take 300 ms. */
  private former: Int32Array | undefined;
  /** Slots of the former table that have been moved. Their entries stay there too: probing passes over them. */
  private moved = 0;
  /** The rows of all combinations of values, if there are few. Used only while the first stride is not 0. */
  private dense: DenseRows | undefined;
  private denseEntries: Int32Array = NO_DENSE_ENTRIES;
  private firstStride = 0;
  private secondStride = 0;
  /** Whether dense rows are made as soon as the hash table has served as many look-ups as there are series. */
  private awaitsDense = false;
  private found = 0;
  /** Number of removed series. As long as it stays the same, so do the numbers of label values. */
  removals = 0;

  constructor(private readonly labels: number) {
    const { dictionaries, factors, sought } = defaultsFor(labels);
    this.dictionaries = dictionaries;
    this.factors = factors;
    this.sought = sought;
  }

  /** Creates what the first series needs: many metrics of a program never have one. */
  private begin(): GrowingNumbers<Int32Array> {
    this.dictionaries = Array.from({ length: this.labels }, () => new Dictionary());
    const [first, second, third] = this.dictionaries;
    if (first !== undefined) this.firstNumbers = first.numbers;
    if (second !== undefined) this.secondNumbers = second.numbers;
    if (third !== undefined) this.thirdNumbers = third.numbers;
    this.table = new Int32Array(8 * SLOT);
    this.growing = new GrowingNumbers(new Int32Array(this.labels), makeInt32s);
    this.awaitsDense = this.labels <= MAX_DENSE_LABELS;
    return this.growing;
  }

  /** Returns the row of the series with these label values, or -1; then `addSought` may follow. */
  find(labelValues: readonly string[]): number {
    if (this.labels === 3) return this.findThree(labelValues[0], labelValues[1], labelValues[2]);
    const { dictionaries, factors, sought, labels } = this;
    let sum = 0;
    for (let i = 0; i < labels; i++) {
      const number = dictionaries[i].numbers.get(labelValues[i]);
      if (number === undefined) {
        sought.fill(UNKNOWN, i);
        return -1;
      }
      sought[i] = number;
      sum = (sum + Math.imul(number, factors[i])) | 0;
    }
    return this.rowOfTuple(sought, sum);
  }

  /** Returns the row of the series of a family without labels, or -1; then `addSought` may follow. */
  findNone(): number {
    return this.rowOfTuple(this.sought, 0);
  }

  /**
   * Returns the row of the series of a family with one label, or -1; then `addSought` may follow. This and the next two
   * methods take values as callers passed them: strings, and numbers for which `remember` was called, are found; other
   * values are not.
   */
  findOne(value: unknown): number {
    const a = this.firstNumbers.get(value);
    if (a === undefined) return this.missed();
    if (this.firstStride > 0) {
      const entry = this.denseEntries[a];
      return entry > EMPTY ? entry - 1 : this.missed(a);
    }
    return this.findNumbers(a, 0, 0);
  }

  findTwo(first: unknown, second: unknown): number {
    const a = this.firstNumbers.get(first);
    const b = this.secondNumbers.get(second);
    if (a === undefined || b === undefined) return this.missed(a, b);
    const { firstStride } = this;
    if (firstStride > 0) {
      const entry = this.denseEntries[(Math.imul(a, firstStride) + b) | 0];
      return entry > EMPTY ? entry - 1 : this.missed(a, b);
    }
    return this.findNumbers(a, b, 0);
  }

  findThree(first: unknown, second: unknown, third: unknown): number {
    const a = this.firstNumbers.get(first);
    const b = this.secondNumbers.get(second);
    const c = this.thirdNumbers.get(third);
    if (a === undefined || b === undefined || c === undefined) return this.missed(a, b, c);
    const { firstStride } = this;
    if (firstStride > 0) {
      const entry = this.denseEntries[(((Math.imul(a, firstStride) + Math.imul(b, this.secondStride)) | 0) + c) | 0];
      return entry > EMPTY ? entry - 1 : this.missed(a, b, c);
    }
    return this.findNumbers(a, b, c);
  }

  /** The row of a tuple of one to three numbers in the hash table. */
  private findNumbers(a: number, b: number, c: number): number {
    const { tuples, table, labels } = this;
    const mask = table.length - SLOT;
    let sum = Math.imul(a, FIRST);
    if (labels > 1) sum = (sum + Math.imul(b, SECOND)) | 0;
    if (labels > 2) sum = (sum + Math.imul(c, THIRD)) | 0;
    const hash = mix(sum);
    for (let at = hash & mask; ; at = (at + SLOT) & mask) {
      const entry = table[at];
      if (entry === EMPTY) return this.missed(a, b, c);
      if (table[at + 1] !== hash) continue;
      const base = (entry - 1) * labels;
      if (tuples[base] !== a || (labels > 1 && tuples[base + 1] !== b) || (labels > 2 && tuples[base + 2] !== c))
        continue;
      if (this.awaitsDense && ++this.found > this.size) this.makeDense();
      return entry - 1;
    }
  }

  /** Makes dense rows if they are not too large. Tried once until the hash table grows. */
  private makeDense(): void {
    const { dictionaries, size, table, former } = this;
    this.awaitsDense = false;
    this.dense = denseRows(
      dictionaries.map((dictionary) => dictionary.length),
      size,
    );
    if (this.dense === undefined) return;
    const { entries: denseEntries, strides } = this.dense;
    for (const slots of [table, former ?? NO_DENSE_ENTRIES]) {
      for (let at = 0; at < slots.length; at += SLOT) {
        if (slots[at] > EMPTY) denseEntries[this.denseEntryOf(slots[at] - 1, this.dense)] = slots[at];
      }
    }
    this.denseEntries = denseEntries;
    [this.firstStride, this.secondStride = 0] = strides;
  }

  /** Returns the row's position in dense rows, or -1 if they are too small. */
  private denseEntryOf(row: number, { strides, widths }: DenseRows): number {
    const { tuples, labels } = this;
    let at = 0;
    for (let i = 0; i < labels; i++) {
      const number = tuples[row * labels + i];
      if (number >= widths[i]) return -1;
      at += number * strides[i];
    }
    return at;
  }

  private enterDense(row: number, dense: DenseRows): void {
    const at = this.denseEntryOf(row, dense);
    if (at >= 0) {
      dense.entries[at] = row + 1;
      return;
    }
    this.dense = undefined;
    this.denseEntries = NO_DENSE_ENTRIES;
    this.firstStride = 0;
    this.found = 0;
    this.awaitsDense = true;
  }

  /** Makes a label value found by the JavaScript number whose string it is. */
  remember(position: number, value: number, text: string): void {
    this.dictionaries[position].remember(value, text);
  }

  /** Returns the row of a tuple, or -1. `sum` is the sum of its numbers, each times its factor. */
  rowOfTuple(sought: Int32Array, sum: number): number {
    const { tuples, table, labels } = this;
    const mask = table.length - SLOT;
    const hash = mix(sum);
    for (let at = hash & mask; ; at = (at + SLOT) & mask) {
      const entry = table[at];
      if (entry === EMPTY) return this.rowInFormer(sought);
      if (table[at + 1] !== hash) continue;
      const base = (entry - 1) * labels;
      let i = 0;
      while (i < labels && tuples[base + i] === sought[i]) i++;
      if (i === labels) return entry - 1;
    }
  }

  /** Adds a series, which must not exist yet. */
  add(row: number, values: readonly string[]): void {
    this.sought.fill(UNKNOWN);
    this.addSought(row, values);
  }

  /** Adds a series that the last look-up has not found; the strings that it has found are not looked up again. */
  addSought(row: number, values: readonly string[]): void {
    const growing = this.growing ?? this.begin();
    const { dictionaries, factors, sought, labels } = this;
    const base = row * labels;
    growing.reserve(base + labels);
    let sum = 0;
    for (let i = 0; i < labels; i++) {
      const number = dictionaries[i].retain(values[i], sought[i]);
      growing.set(base + i, number);
      sum = (sum + Math.imul(number, factors[i])) | 0;
    }
    this.tuples = growing.array;
    this.size += 1;
    if (this.size > (this.table.length / SLOT) * MAX_LOAD) this.widen();
    this.enter(row + 1, mix(sum));
    if (this.former !== undefined) this.moveSome(this.former);
    if (this.dense !== undefined) this.enterDense(row, this.dense);
  }

  /** Removes a series. */
  remove(row: number): void {
    if (this.dense !== undefined) this.dense.entries[this.denseEntryOf(row, this.dense)] = EMPTY;
    const { tuples, labels, table, former } = this;
    const hash = this.hashOf(row);
    if (former !== undefined) {
      // It is neither found there nor moved.
      const slot = slotOf(former, row + 1, hash);
      if (former[slot] !== EMPTY) former[slot] = TOMBSTONE;
    }
    let hole = slotOf(table, row + 1, hash);
    if (table[hole] !== EMPTY) {
      const mask = table.length - SLOT;
      // Linear probing needs no tombstones if later entries of the cluster are moved back into the hole.
      for (let at = (hole + SLOT) & mask; table[at] !== EMPTY; at = (at + SLOT) & mask) {
        const home = table[at + 1] & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
          table[hole] = table[at];
          table[hole + 1] = table[at + 1];
          hole = at;
        }
      }
      table[hole] = EMPTY;
    }
    this.size -= 1;
    this.removals += 1;
    for (let i = 0; i < labels; i++) this.dictionaries[i].release(tuples[row * labels + i]);
  }

  /** The label values of a row that is in use, in a new array or in `into`. */
  valuesOf(row: number, into: string[] = []): string[] {
    for (let i = 0; i < this.labels; i++)
      into[i] = this.dictionaries[i].stringOf(this.tuples[row * this.labels + i]) ?? '';
    return into;
  }

  /** Stores the numbers of up to three labels for `addSought`. Writes beyond the end of a typed array are ignored. */
  private missed(a?: number, b?: number, c?: number): number {
    const { sought } = this;
    sought[0] = a ?? UNKNOWN;
    sought[1] = b ?? UNKNOWN;
    sought[2] = c ?? UNKNOWN;
    return this.former === undefined ? -1 : this.rowInFormer();
  }

  private hashOf(row: number): number {
    const { factors, tuples, labels } = this;
    let sum = 0;
    for (let i = 0; i < labels; i++) sum = (sum + Math.imul(tuples[row * labels + i], factors[i])) | 0;
    return mix(sum);
  }

  private enter(entry: number, hash: number): void {
    const { table } = this;
    const mask = table.length - SLOT;
    let at = hash & mask;
    while (table[at] !== EMPTY) at = (at + SLOT) & mask;
    table[at] = entry;
    table[at + 1] = hash;
  }

  private widen(): void {
    // Usually all entries have been moved long before.
    while (this.former !== undefined) this.moveSome(this.former);
    const { table } = this;
    this.awaitsDense = this.dense === undefined && this.labels <= MAX_DENSE_LABELS;
    const isSmall = table.length <= SMALL;
    this.table = new Int32Array(table.length * (isSmall ? GROWTH_OF_SMALL : 2));
    this.moved = 0;
    this.former = table;
  }

  private moveSome(former: Int32Array): void {
    // Moving all of a small table takes less than a millisecond.
    const end = former.length <= SMALL ? former.length : Math.min(this.moved + MOVED_AT_ONCE, former.length);
    this.enterAll(former, this.moved, end);
    this.moved = end;
    if (end === former.length) this.former = undefined;
  }

  /**
   * Enters the rows of a part of a former table. A single function, because V8 has not compiled it yet while a family
   * is small.
   */
  private enterAll(former: Int32Array, from: number, to: number): void {
    for (let at = from; at < to; at += SLOT) if (former[at] > EMPTY) this.enter(former[at], former[at + 1]);
  }

  /** Returns the row of a tuple that is not in the current table, or -1. */
  private rowInFormer(tuple: Int32Array = this.sought): number {
    const { former, tuples, factors, labels } = this;
    if (former === undefined) return -1;
    let sum = 0;
    for (let i = 0; i < labels; i++) {
      if (tuple[i] === UNKNOWN) return -1;
      sum = (sum + Math.imul(tuple[i], factors[i])) | 0;
    }
    const mask = former.length - SLOT;
    const hash = mix(sum);
    for (let at = hash & mask; ; at = (at + SLOT) & mask) {
      const entry = former[at];
      if (entry === EMPTY) return -1;
      if (entry === TOMBSTONE || former[at + 1] !== hash) continue;
      const base = (entry - 1) * labels;
      let i = 0;
      while (i < labels && tuples[base + i] === tuple[i]) i++;
      if (i === labels) return entry - 1;
    }
  }
}

/** The values of one label and their numbers; a number is freed when no series uses it. */
export class Dictionary {
  /** Numbers by string, and also by JavaScript number for values that callers pass as such. */
  readonly numbers = new Map<unknown, number>();
  private readonly strings: (string | undefined)[] = [];
  private readonly uses: number[] = [];
  private readonly spare: number[] = [];
  /** Whether `numbers` has JavaScript numbers. */
  private remembers = false;
  /** Strings that callers passed as JavaScript numbers; prom-client's JSON shows them as such. */
  private numeric: Set<string> | undefined;

  /** Every number is below this. */
  get length(): number {
    return this.strings.length;
  }

  /** Returns the string with a number, or undefined if the number is free. */
  stringOf(number: number): string | undefined {
    return this.strings[number];
  }

  /** Counts one more use of a string and returns its number, which is `known` if the last look-up found it. */
  retain(text: string, known: number): number {
    // A callback may have removed the last series with the string.
    const number = this.strings[known] === text ? known : (this.numbers.get(text) ?? this.number(text));
    this.uses[number] += 1;
    return number;
  }

  private number(text: string): number {
    const number = this.spare.length > 0 ? (this.spare.pop() as number) : this.strings.length;
    this.numbers.set(text, number);
    this.strings[number] = text;
    this.uses[number] = 0;
    return number;
  }

  remember(value: number, text: string): void {
    const number = this.numbers.get(text);
    if (number === undefined) return;
    this.remembers = true;
    this.numbers.set(value, number);
  }

  /** Notes that a label value was passed as a number. */
  markNumeric(text: string): void {
    if (!this.numbers.has(text)) return;
    this.numeric ??= new Set();
    this.numeric.add(text);
  }

  isNumeric(text: string): boolean {
    return this.numeric?.has(text) ?? false;
  }

  release(number: number): void {
    this.uses[number] -= 1;
    if (this.uses[number] > 0) return;
    this.numbers.delete(this.strings[number] ?? '');
    if (this.remembers) this.numbers.delete(Number(this.strings[number]));
    this.numeric?.delete(this.strings[number] ?? '');
    this.strings[number] = undefined;
    this.spare.push(number);
  }
}

// The contents of an index before its first series: every look-up misses without an additional check.
const NO_STRINGS = new Dictionary();
const NO_NUMBERS = NO_STRINGS.numbers;
const NO_TUPLES = new Int32Array(0);
const NO_ENTRIES = new Int32Array(8 * SLOT);

/**
 * The hash of a tuple is the sum of its numbers, each times the factor of its position, scattered. A part of a sum can
 * be computed in advance, and the processor can multiply in parallel. Factors are odd.
 */
function factorOf(position: number): number {
  // Factors must not be small multiples of each other: (3, 0) and (0, 1) must not have the same sum.
  return mix(Math.imul(0x9e3779b1, position + 1)) | 1;
}

/** The slot of an entry in a table, or the empty one that ends the search. */
function slotOf(table: Int32Array, entry: number, hash: number): number {
  const mask = table.length - SLOT;
  let at = hash & mask;
  while (table[at] !== entry && table[at] !== EMPTY) at = (at + SLOT) & mask;
  return at;
}

function mix(sum: number): number {
  const mixed = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

/** Shared by all indexes with the same number of labels. */
interface IndexDefaults {
  /** Those of an index without series. */
  readonly dictionaries: readonly Dictionary[];
  readonly factors: Int32Array;
  readonly sought: Int32Array;
}

const defaults: IndexDefaults[] = [];

function defaultsFor(labels: number): IndexDefaults {
  defaults[labels] ??= {
    dictionaries: Array<Dictionary>(labels).fill(NO_STRINGS),
    factors: new Int32Array(labels).map((_, i) => factorOf(i)),
    sought: new Int32Array(labels),
  };
  return defaults[labels];
}

const FIRST = factorOf(0);
const SECOND = factorOf(1);
const THIRD = factorOf(2);
