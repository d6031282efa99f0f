import type { LiveFamily } from '../model/live-family.js';
import type { LinePlan } from './line-plan.js';
import { writeNumber } from './write-number.js';

/** More than any number takes. */
const NUMBER_ROOM = 32;
const NEWLINE = 10;
const SPACE = 32;
/** Runs up to this length are copied byte by byte, which beats a call for them. */
const SHORT_RUN = 96;
/** The start of a line that this kind of page does not have. */
const HIDDEN = 0xffffffff;

/** Where pages are put together before they are cut out; grows to the largest group and is used by one at a time. */
let bench = Buffer.allocUnsafeSlow(256 * 1024);
let values = new Float64Array(1024);

/**
 * The prepared bytes of one group of rows. The bytes that were handed out never change: when values do, a new page is
 * made of runs of the old one and the lines whose value is another.
 */
export class GroupPage {
  private bytes: Uint8Array = Buffer.alloc(0);
  private version = -1;
  /** The value of each line as it stands on the page. */
  private last = new Float64Array(0);
  /** Where each line's value begins. */
  private starts = new Uint32Array(0);

  constructor(
    private readonly plan: LinePlan,
    private readonly group: number,
  ) {}

  /** The group's lines as of now. */
  refresh(family: LiveFamily): Uint8Array {
    const version = family.groupVersion(this.group);
    const from = this.group * family.groupRows;
    const to = Math.min(from + family.groupRows, family.rowCount);
    const room = (to - from) * family.shape.length;
    if (values.length < room) values = new Float64Array(room);
    family.readValues(from, to, values);
    if (version !== this.version) {
      this.rebuild(family, from, to);
      this.version = version;
    } else if (this.changed()) this.patch();
    return this.bytes;
  }

  private changed(): boolean {
    const { last } = this;
    for (let i = 0; i < last.length; i++) if (values[i] !== last[i] && !bothNaN(values[i], last[i])) return true;
    return false;
  }

  private rebuild(family: LiveFamily, from: number, to: number): void {
    const lines = this.plan.lines;
    const starts: number[] = [];
    let at = 0;
    let next = 0;
    for (let row = from; row < to; row++) {
      const labelValues = family.labelValues(row);
      if (labelValues === undefined) continue;
      const prefixes = this.plan.prefixes(labelValues);
      for (let line = 0; line < lines; line++, next++) {
        const prefix = prefixes[line];
        if (prefix === undefined) {
          starts.push(HIDDEN);
          continue;
        }
        const exemplar = family.exemplar(row, line);
        const tail = exemplar === undefined ? '\n' : `${this.plan.exemplar(line, exemplar)}\n`;
        reserve(at, (prefix.length + tail.length) * 3 + NUMBER_ROOM);
        at += bench.write(prefix, at);
        starts.push(at);
        at = writeNumber(bench, at, values[next]);
        at += bench.write(tail, at);
      }
      const created = this.plan.created(labelValues, family.createdAt(row));
      reserve(at, created.length * 3);
      at += bench.write(created, at);
    }
    this.starts = Uint32Array.from(starts);
    this.last = values.slice(0, next);
    this.bytes = cut(at);
  }

  private patch(): void {
    const { bytes: old, starts, last } = this;
    reserve(0, old.length + starts.length * NUMBER_ROOM);
    // Everything is laid out at once: as long as no line has changed its length, it lies right already.
    bench.set(old);
    let copied = 0;
    let shift = 0;
    for (let i = 0; i < starts.length; i++) {
      const start = starts[i];
      if (start === HIDDEN) continue;
      if (values[i] !== last[i] && !bothNaN(values[i], last[i])) {
        if (shift !== 0) copy(old, copied, start, shift);
        const end = writeNumber(bench, start + shift, values[i]);
        copied = endOfValue(old, start);
        starts[i] = start + shift;
        shift = end - copied;
      } else starts[i] = start + shift;
    }
    if (shift !== 0) copy(old, copied, old.length, shift);
    last.set(values.subarray(0, last.length));
    this.bytes = cut(old.length + shift);
  }
}

function reserve(at: number, more: number): void {
  if (at + more <= bench.length) return;
  const wider = Buffer.allocUnsafeSlow(Math.max(bench.length * 2, at + more));
  bench.copy(wider, 0, 0, at);
  bench = wider;
}

function cut(length: number): Uint8Array {
  const page = Buffer.allocUnsafeSlow(length);
  bench.copy(page, 0, 0, length);
  return page;
}

function copy(old: Uint8Array, from: number, to: number, shift: number): void {
  if (to - from > SHORT_RUN) bench.set(old.subarray(from, to), from + shift);
  else for (let i = from; i < to; i++) bench[i + shift] = old[i];
}

/** A value ends at the end of its line or, where an exemplar follows, at a space. */
function endOfValue(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at] !== NEWLINE && bytes[at] !== SPACE) at++;
  return at;
}

function bothNaN(a: number, b: number): boolean {
  return Number.isNaN(a) && Number.isNaN(b);
}
