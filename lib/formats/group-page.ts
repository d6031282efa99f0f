import type { LiveFamily } from '../model/live-family.js';
import { ByteWriter, copyRun } from './byte-writer.js';
import type { LineFrame, LinePlan } from './line-plan.js';

const NEWLINE = 10;
const SPACE = 32;
const LINE_END = Buffer.from('\n');
/** The start of a line that this kind of page does not have. */
const HIDDEN = 0xffffffff;

// Working memory, used by one group at a time: nothing here is awaited.
const page = new ByteWriter();
const labels = new ByteWriter();
const numbers = new ByteWriter();
/** For each line of the group: its value now. */
let values = new Float64Array(0);
/** For each line: where its value begins. */
let begins = new Uint32Array(0);
/** For each changed line: its place among the lines, and where its new number ends in `numbers`. */
let changes = new Uint32Array(0);
let ends = new Uint32Array(0);

/**
 * The prepared bytes of one group of rows. The bytes that were handed out never change: when values do, a new page is
 * made of runs of the old one and the numbers that are others.
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
    makeRoom((to - from) * family.shape.length);
    family.readValues(from, to, values);
    if (version !== this.version) {
      this.rebuild(family, from, to);
      this.version = version;
    } else {
      const changed = this.findChanges();
      if (changed > 0) this.patch(changed);
    }
    return this.bytes;
  }

  private rebuild(family: LiveFamily, from: number, to: number): void {
    const { plan } = this;
    page.clear();
    let line = 0;
    for (let row = from; row < to; row++) {
      const labelValues = family.labelValues(row);
      if (labelValues === undefined) continue;
      labels.clear();
      plan.writeLabels(labels, labelValues);
      for (let i = 0; i < plan.frames.length; i++, line++) {
        const frame = plan.frames[i];
        if (frame === undefined) {
          begins[line] = HIDDEN;
          continue;
        }
        writePrefix(frame);
        begins[line] = page.length;
        page.number(values[line]);
        const exemplar = family.exemplar(row, i);
        if (exemplar !== undefined) page.text(plan.exemplar(i, exemplar));
        page.copy(LINE_END);
      }
      if (plan.created !== undefined) {
        writePrefix(plan.created);
        page.number(family.createdAt(row) / 1000);
        page.copy(LINE_END);
      }
    }
    this.starts = begins.slice(0, line);
    this.last = values.slice(0, line);
    this.bytes = page.cut();
  }

  /** Notes the lines whose value is another than on the page, and counts them. */
  private findChanges(): number {
    const { last, starts } = this;
    let count = 0;
    for (let i = 0; i < last.length; i++) {
      if (values[i] === last[i] || starts[i] === HIDDEN || bothNaN(values[i], last[i])) continue;
      changes[count++] = i;
    }
    return count;
  }

  /** Makes the page anew: first the numbers, then the runs between those whose length is another, then all together. */
  private patch(count: number): void {
    const { bytes: old, starts, last } = this;
    numbers.clear();
    let growth = 0;
    for (let c = 0; c < count; c++) {
      const line = changes[c];
      const from = numbers.length;
      numbers.number(values[line]);
      ends[c] = numbers.length;
      growth += numbers.length - from - lengthOfValue(old, starts[line]);
    }
    const next = Buffer.allocUnsafeSlow(old.length + growth);
    let copied = 0;
    let shift = 0;
    let moved = 0;
    for (let c = 0, from = 0; c < count; c++) {
      const line = changes[c];
      const length = lengthOfValue(old, starts[line]);
      const grown = ends[c] - from - length;
      from = ends[c];
      if (grown === 0) continue;
      copyRun(old, copied, starts[line], next, copied + shift);
      copied = starts[line] + length;
      moved = move(starts, moved, line + 1, shift);
      shift += grown;
    }
    copyRun(old, copied, old.length, next, copied + shift);
    move(starts, moved, starts.length, shift);
    for (let c = 0, from = 0; c < count; from = ends[c], c++) {
      copyRun(numbers.bytes, from, ends[c], next, starts[changes[c]]);
    }
    last.set(values.subarray(0, last.length));
    this.bytes = next;
  }
}

function makeRoom(lines: number): void {
  if (lines <= values.length) return;
  values = new Float64Array(lines);
  begins = new Uint32Array(lines);
  changes = new Uint32Array(lines);
  ends = new Uint32Array(lines);
}

/** Writes a line up to its value, around the labels that were written last. */
function writePrefix(frame: LineFrame): void {
  if (labels.length === 0) {
    page.copy(frame.bare);
    return;
  }
  page.copy(frame.before);
  page.copy(labels.bytes, 0, labels.length);
  page.copy(frame.after);
}

/** A value ends at the end of its line or, where an exemplar follows, at a space. */
function lengthOfValue(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at] !== NEWLINE && bytes[at] !== SPACE) at++;
  return at - start;
}

/** Moves the starts of the lines `from` up to, not including, `to`, and returns `to`. */
function move(starts: Uint32Array, from: number, to: number, shift: number): number {
  if (shift !== 0) for (let i = from; i < to; i++) if (starts[i] !== HIDDEN) starts[i] += shift;
  return to;
}

function bothNaN(a: number, b: number): boolean {
  return Number.isNaN(a) && Number.isNaN(b);
}
