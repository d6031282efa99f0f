import type {
  LiveChange,
  LiveData,
  LiveFamilyHead,
  LiveNative,
  LiveProcess,
  WireNumber,
} from '../lib/page/live-data.js';

/** Samples that are kept: five minutes. */
export const KEPT = 300;

/** Seconds that an answer may be under way. */
const MOST_OFF = 12;

/** A family with its series and their recent values. */
export class Family {
  head: LiveFamilyHead;
  /** The label values of each row; undefined where it holds no series. */
  readonly rows: (readonly string[] | undefined)[] = [];
  /** The values of all lines, row by row. */
  values = new Float64Array(64).fill(Number.NaN);
  natives = new Map<number, LiveNative>();
  /** Values by the place of their time in `Store.times`; undefined from before the family was there. */
  history: (Float64Array | undefined)[] = [];
  nativeHistory: (ReadonlyMap<number, LiveNative> | undefined)[] = [];
  /** Changes whenever series come or go. */
  version = 0;
  private liveRows: readonly number[] = [];
  private liveVersion = -1;

  constructor(head: LiveFamilyHead) {
    this.head = head;
  }

  get lines(): number {
    return this.head.lines.length;
  }

  /** The rows that hold a series: the same array until series come or go. */
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

  /** The line with this suffix, the first one. */
  lineOf(suffix: string): number {
    return this.head.lines.findIndex(([own]) => own === suffix);
  }

  at(time: number, row: number, line: number): number {
    return this.history[time]?.[row * this.lines + line] ?? Number.NaN;
  }

  apply(change: LiveChange): void {
    if (change.head !== undefined) {
      if (change.head.lines.length !== this.lines) this.forget();
      this.head = change.head;
      this.version += 1;
    }
    for (const row of change.gone ?? []) this.clear(row, undefined);
    for (const [row, labelValues] of change.series ?? []) this.clear(row, labelValues);
    const { grown = [], values = [] } = change;
    for (let i = 0, at = -1; i < grown.length; i += 2) {
      at += grown[i];
      this.values[at] += grown[i + 1];
    }
    for (let i = 0, at = -1; i < values.length; i += 2) {
      at += values[i] as number;
      this.reserve(at + 1);
      this.values[at] = numberOf(values[i + 1]);
    }
    for (const native of change.native ?? []) this.natives.set(native.row, native);
  }

  /** Keeps the values as those of one more time. */
  keep(times: number): void {
    const used = this.rows.length * this.lines;
    while (this.history.length < times - 1) {
      this.history.push(undefined);
      this.nativeHistory.push(undefined);
    }
    this.history.push(this.values.slice(0, used));
    this.nativeHistory.push(this.natives.size === 0 ? undefined : new Map(this.natives));
  }

  private forget(): void {
    this.rows.length = 0;
    this.history = [];
    this.nativeHistory = [];
    this.natives.clear();
    this.values = new Float64Array(64).fill(Number.NaN);
  }

  private clear(row: number, labelValues: readonly string[] | undefined): void {
    this.rows[row] = labelValues;
    for (let i = 0; i < row; i++) if (!(i in this.rows)) this.rows[i] = undefined;
    this.reserve((row + 1) * this.lines);
    const [from, to] = [row * this.lines, (row + 1) * this.lines];
    this.values.fill(Number.NaN, from, to);
    // What another series had here is not this one's past.
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

/** Everything that the page knows of the program. */
export class Store {
  /** Seconds since the epoch of the samples that are kept. */
  readonly times: number[] = [];
  readonly families = new Map<number, Family>();
  process: LiveProcess | undefined;
  private epoch = '';
  private seq = -1;
  /** What is added to the server's clock, in seconds. */
  private clockOffset = 0;
  /** Changes whenever families or series come or go. */
  version = 0;

  /** The sample that the next answer may be relative to. */
  get known(): string {
    return this.epoch === '' ? '' : `${this.epoch}.${this.seq}`;
  }

  /** Takes an answer in. Returns whether it has a new sample. */
  apply(data: LiveData): boolean {
    if (data.since < 0) this.begin();
    else if (data.epoch !== this.epoch || data.since !== this.seq) return false;
    const isNew = data.seq !== this.seq;
    this.epoch = data.epoch;
    this.seq = data.seq;
    this.process = data.process;
    for (const id of data.left) if (this.families.delete(id)) this.version += 1;
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
    if (isNew) this.keep(data.time / 1000);
    return isNew;
  }

  /** The family of a name. */
  find(name: string): Family | undefined {
    for (const family of this.families.values()) if (family.head.name === name) return family;
    return undefined;
  }

  /** The place of the first time that is no more than so many seconds ago. */
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

  /** Keeps a sample by the time at which the server took it: how long the answer was under way changes no rate. */
  private keep(taken: number): void {
    const now = Date.now() / 1000;
    // The server's clock is monotonic. Where it has stood still, as on a machine that slept, it is set anew.
    if (this.times.length === 0 || Math.abs(now - taken - this.clockOffset) > MOST_OFF) this.clockOffset = now - taken;
    this.times.push(taken + this.clockOffset);
    for (const family of this.families.values()) family.keep(this.times.length);
    if (this.times.length <= KEPT) return;
    this.times.shift();
    for (const family of this.families.values()) {
      family.history.shift();
      family.nativeHistory.shift();
    }
  }
}
