import type {
  LiveChange,
  LiveData,
  LiveFamilyHead,
  LiveNative,
  LiveProcess,
  WireNumber,
} from '../lib/page/live-data.js';

/** Five minutes. */
export const MAX_SAMPLES = 300;

/** Seconds by which the clocks may diverge before the offset is set again. */
const MAX_CLOCK_OFFSET = 12;

/** A family with its series and their recent values. */
export class Family {
  head: LiveFamilyHead;
  /** The label values of each row; undefined for a row without a series. */
  readonly rows: (readonly string[] | undefined)[] = [];
  /** The values of all lines, row by row. */
  values = new Float64Array(64).fill(Number.NaN);
  natives = new Map<number, LiveNative>();
  /** The values at each of `Store.times`; undefined before the family was created. */
  history: (Float64Array | undefined)[] = [];
  nativeHistory: (ReadonlyMap<number, LiveNative> | undefined)[] = [];
  /** Changes whenever a series is added or removed. */
  version = 0;
  private liveRows: readonly number[] = [];
  private liveVersion = -1;

  constructor(head: LiveFamilyHead) {
    this.head = head;
  }

  get lines(): number {
    return this.head.lines.length;
  }

  /** The rows with a series: the same array until a series is added or removed. */
  get live(): readonly number[] {
    if (this.liveVersion !== this.version) {
      this.liveVersion = this.version;
      this.liveRows = this.rows.flatMap((row, i) => (row === undefined ? [] : [i]));
    }
    return this.liveRows;
  }

  /** The labels of a row that are not empty. */
  labelsOf(row: number): [string, string][] {
    const values = this.rows[row] ?? [];
    return this.head.labels.flatMap((label, i): [string, string][] => (values[i] ? [[label, values[i]]] : []));
  }

  /** The first line with this suffix, or -1. */
  lineOf(suffix: string): number {
    return this.head.lines.findIndex(([known]) => known === suffix);
  }

  /** The value at a time, given as an index into `Store.times`. */
  at(time: number, row: number, line: number): number {
    return this.history[time]?.[row * this.lines + line] ?? Number.NaN;
  }

  apply(change: LiveChange): void {
    if (change.head !== undefined) {
      if (change.head.lines.length !== this.lines) this.reset();
      this.head = change.head;
      this.version += 1;
    }
    for (const row of change.removedRows ?? []) this.setRow(row, undefined);
    for (const [row, labelValues] of change.series ?? []) this.setRow(row, labelValues);
    const { increases = [], values = [] } = change;
    for (let i = 0, at = -1; i < increases.length; i += 2) {
      at += increases[i];
      this.values[at] += increases[i + 1];
    }
    for (let i = 0, at = -1; i < values.length; i += 2) {
      at += values[i] as number;
      this.reserve(at + 1);
      this.values[at] = numberOf(values[i + 1]);
    }
    for (const native of change.native ?? []) this.natives.set(native.row, native);
  }

  /** Adds the current values to the history, which then has this number of times. */
  record(times: number): void {
    const used = this.rows.length * this.lines;
    while (this.history.length < times - 1) {
      this.history.push(undefined);
      this.nativeHistory.push(undefined);
    }
    this.history.push(this.values.slice(0, used));
    this.nativeHistory.push(this.natives.size === 0 ? undefined : new Map(this.natives));
  }

  private reset(): void {
    this.rows.length = 0;
    this.history = [];
    this.nativeHistory = [];
    this.natives.clear();
    this.values = new Float64Array(64).fill(Number.NaN);
  }

  private setRow(row: number, labelValues: readonly string[] | undefined): void {
    this.rows[row] = labelValues;
    for (let i = 0; i < row; i++) if (!(i in this.rows)) this.rows[i] = undefined;
    this.reserve((row + 1) * this.lines);
    const [from, to] = [row * this.lines, (row + 1) * this.lines];
    this.values.fill(Number.NaN, from, to);
    // The history of the row belongs to another series.
    for (const past of this.history) if (past !== undefined && past.length >= to) past.fill(Number.NaN, from, to);
    for (const past of this.nativeHistory) (past as Map<number, LiveNative> | undefined)?.delete(row);
    this.natives.delete(row);
    this.version += 1;
  }

  private reserve(lines: number): void {
    if (lines <= this.values.length) return;
    const values = new Float64Array(Math.max(lines, this.values.length * 2)).fill(Number.NaN);
    values.set(this.values);
    this.values = values;
  }
}

function numberOf(value: WireNumber): number {
  return value === null ? Number.NaN : Number(value);
}

/** The state of the program, as far as the page has received it. */
export class Store {
  /** The times of the samples, in seconds since the epoch. */
  readonly times: number[] = [];
  readonly families = new Map<number, Family>();
  process: LiveProcess | undefined;
  private epoch = '';
  private seq = -1;
  /** The seconds from the server's clock to that of the browser. */
  private clockOffset = 0;
  /** Changes whenever a family or series is added or removed. */
  version = 0;

  /** The last sample, which the next answer may be relative to; empty before the first. */
  get known(): string {
    return this.epoch === '' ? '' : `${this.epoch}.${this.seq}`;
  }

  /** Applies an answer. Returns whether it has a new sample. */
  apply(data: LiveData): boolean {
    if (data.since < 0) this.begin();
    else if (data.epoch !== this.epoch || data.since !== this.seq) return false;
    const isNew = data.seq !== this.seq;
    this.epoch = data.epoch;
    this.seq = data.seq;
    this.process = data.process;
    for (const id of data.removed) if (this.families.delete(id)) this.version += 1;
    for (const change of data.changes) {
      let family = this.families.get(change.family);
      if (family === undefined) {
        if (change.head === undefined) continue;
        family = new Family(change.head);
        this.families.set(change.family, family);
      }
      const { version } = family;
      family.apply(change);
      if (family.version !== version || change.head !== undefined) this.version += 1;
    }
    if (isNew) this.record(data.time / 1000);
    return isNew;
  }

  find(name: string): Family | undefined {
    for (const family of this.families.values()) if (family.head.name === name) return family;
    return undefined;
  }

  /** The index of the first time that is at most this number of seconds before the last. */
  since(seconds: number): number {
    const last = this.times.at(-1) ?? 0;
    const at = this.times.findIndex((time) => time >= last - seconds - 0.2);
    return Math.max(0, at);
  }

  private begin(): void {
    this.families.clear();
    this.times.length = 0;
    this.version += 1;
  }

  /** Adds a sample at the time when the server took it, so that the delay of the answer does not affect rates. */
  private record(taken: number): void {
    const now = Date.now() / 1000;
    // The server's clock is monotonic and may stop while the machine sleeps.
    if (this.times.length === 0 || Math.abs(now - taken - this.clockOffset) > MAX_CLOCK_OFFSET)
      this.clockOffset = now - taken;
    this.times.push(taken + this.clockOffset);
    for (const family of this.families.values()) family.record(this.times.length);
    if (this.times.length <= MAX_SAMPLES) return;
    this.times.shift();
    for (const family of this.families.values()) {
      family.history.shift();
      family.nativeHistory.shift();
    }
  }
}
