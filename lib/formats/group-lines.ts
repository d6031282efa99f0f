import type { Exemplar } from '../model/exemplar.js';
import type { FamilyHead } from '../model/family.js';
import { TYPE_RULES, type TypeRules } from '../model/family-types.js';
import type { GroupReading, LiveFamily, SampleShape } from '../model/live-family.js';
import { ByteWriter, copyRun } from './byte-writer.js';
import { type Dialect, formatLabels, headIn, labelNameIn, labelStart, lineStart, type Variant } from './format.js';
import { type GroupBytes, GroupMemory } from './prepared-groups.js';

/** The bytes around the labels of a series in one of its lines, from the start of the line up to the value. */
export interface LineFrame {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** The start of the line up to the value, for a series without labels. */
  readonly unlabeled: Uint8Array;
}

/**
 * A default label, and the position of the family's label with the same name, which takes precedence; -1 if there is
 * none.
 */
interface Default {
  /** Begins with a comma. */
  readonly text: Uint8Array;
  readonly at: number;
}

/** The parts that all series of a live family have in common in one variant, as bytes. */
export class LinePlan {
  readonly header: string;
  /** Line by line; undefined for a line that is not shown. */
  readonly frames: readonly (LineFrame | undefined)[];
  /** Whether the format forbids some values, so that lines depend on them. */
  readonly isSelective: boolean;
  /** The line that shows when a series was created, in variants and formats that have it. */
  readonly created: LineFrame | undefined;
  /** Memory for the label values of one series at a time. */
  readonly values: string[] = [];
  private readonly head: FamilyHead;
  private readonly rules: TypeRules;
  private readonly shape: readonly SampleShape[];
  /** The start of each label, from the comma before it up to its value. */
  private readonly starts: readonly Uint8Array[];
  private readonly defaults: readonly Default[];
  /** Whether default labels precede those of the series. */
  private readonly areDefaultsFirst: boolean;

  constructor(
    family: LiveFamily,
    private readonly dialect: Dialect,
    private readonly variant: Variant,
  ) {
    const { escaping, defaultLabels } = variant;
    const { labelNames } = family;
    this.head = headIn(variant, family);
    this.rules = TYPE_RULES[family.type];
    this.shape = family.shape.map(({ suffix, label }) => {
      return label === undefined ? { suffix } : { suffix, label: [labelNameIn(variant, family, label[0]), label[1]] };
    });
    this.header = dialect.header(this.head, escaping);
    this.frames = this.shape.map((line) => {
      if (!dialect.shows(line, this.shape)) return undefined;
      return frame(this.head.name, line, variant, dialect.isStepFirst);
    });
    this.isSelective = this.shape.some(({ suffix }) => dialect.forbids(this.rules, suffix, -1));
    const createdName = variant.created ? dialect.createdName(this.head) : undefined;
    this.created = createdName === undefined ? undefined : frame(createdName, { suffix: '' }, variant);
    this.starts = labelNames.map((name) => Buffer.from(`,${labelStart(name, escaping)}`));
    this.areDefaultsFirst = dialect.isStepFirst === true && this.rules.lines === 'buckets';
    this.defaults = defaultLabels
      .filter(([, value]) => value !== '')
      .map((pair) => ({ text: Buffer.from(`,${formatLabels([pair], escaping)}`), at: labelNames.indexOf(pair[0]) }));
  }

  /** Writes the labels of a series, in the order of the family's `labelNames`, and the default ones. */
  writeLabels(writer: ByteWriter, values: readonly string[]): void {
    const { starts, areDefaultsFirst } = this;
    const from = writer.length;
    if (areDefaultsFirst) this.writeDefaults(writer, values, from);
    for (let i = 0; i < starts.length; i++) {
      // Empty labels are not printed: to Prometheus, they do not exist.
      if (values[i] === '') continue;
      writer.copy(starts[i], writer.length > from ? 0 : 1);
      writer.quoted(values[i]);
    }
    if (!areDefaultsFirst) this.writeDefaults(writer, values, from);
  }

  private writeDefaults(writer: ByteWriter, values: readonly string[], from: number): void {
    for (const { text, at } of this.defaults) {
      if (at >= 0 && values[at] !== '') continue;
      writer.copy(text, writer.length > from ? 0 : 1);
    }
  }

  /** Whether a line of a series is left out because of its value. The values of the series begin at `values[at]`. */
  isForbidden(line: number, values: Float64Array, at: number): boolean {
    const { shape, rules, dialect } = this;
    // A histogram's count is left out with its sum, which precedes it.
    const decisive = rules.lines === 'buckets' && shape[line].suffix === '_count' ? line - 1 : line;
    return dialect.forbids(rules, shape[decisive].suffix, values[at + decisive]);
  }

  /** Returns the exemplar of a line as it follows the value. */
  exemplar(line: number, exemplar: Exemplar): string {
    return this.dialect.exemplar(this.head, this.shape[line].suffix, exemplar, this.variant.escaping);
  }
}

function frame(name: string, { suffix, label }: SampleShape, { escaping }: Variant, isStepFirst = false): LineFrame {
  const { open, unlabeled } = lineStart(name, suffix, escaping);
  if (label === undefined)
    return { before: Buffer.from(open), after: Buffer.from('} '), unlabeled: Buffer.from(unlabeled) };
  const lineLabel = formatLabels([label], escaping);
  const onlyStep = Buffer.from(`${open}${lineLabel}} `);
  if (isStepFirst)
    return { before: Buffer.from(`${open}${lineLabel},`), after: Buffer.from('} '), unlabeled: onlyStep };
  return { before: Buffer.from(open), after: Buffer.from(`,${lineLabel}} `), unlabeled: onlyStep };
}

const NEWLINE = 10;
const SPACE = 32;
const LINE_END = Buffer.from('\n');
/** The start of a line that the format does not show. */
const HIDDEN = 0xffffffff;

// Scratch buffers, shared by all groups: each use of them is synchronous.
const page = new ByteWriter();
const numbers = new ByteWriter();
/** The position of the current series' labels in `page`; -1 if none of its lines has been written yet. */
let labelsFrom = -1;
let labelsTo = 0;
/** For each line, where its value begins. */
let begins = new Uint32Array(0);
/** For each changed line that is shown: its index among the lines, and where its new number ends in `numbers`. */
let shown = new Uint32Array(0);
let ends = new Uint32Array(0);
/** Runs of bytes that move because the length of a number before them has changed: start, end and distance. */
let runStarts = new Uint32Array(0);
let runEnds = new Uint32Array(0);
let runShifts = new Int32Array(0);

/**
 * The lines of one group of rows as bytes. When values change, the next page is composed of runs of the previous one
 * and the new numbers.
 */
export class GroupLines implements GroupBytes {
  private readonly memory = new GroupMemory();
  private bytes: Uint8Array = Buffer.alloc(0);
  /** Where each line's value begins. */
  private starts = new Uint32Array(0);

  constructor(private readonly plan: LinePlan) {}

  rebuild(family: LiveFamily, { from, to, values, length }: GroupReading): Uint8Array {
    const { plan } = this;
    makeRoom(length);
    page.clear();
    let line = 0;
    for (let row = from; row < to; row++) {
      const labelValues = family.labelValues(row, plan.values);
      if (labelValues === undefined) continue;
      labelsFrom = -1;
      for (let i = 0; i < plan.frames.length; i++, line++) {
        const frame = plan.frames[i];
        if (frame === undefined || (plan.isSelective && plan.isForbidden(i, values, line - i))) {
          begins[line] = HIDDEN;
          continue;
        }
        writePrefix(plan, frame, labelValues);
        begins[line] = page.length;
        page.number(values[line]);
        const exemplar = family.exemplar(row, i);
        if (exemplar !== undefined) page.string(plan.exemplar(i, exemplar));
        page.copy(LINE_END);
      }
      if (plan.created !== undefined) {
        writePrefix(plan, plan.created, labelValues);
        page.number(family.createdAt(row) / 1000);
        page.copy(LINE_END);
      }
    }
    this.starts = begins.slice(0, line);
    const bytes = this.memory.take(page.length);
    page.bytes.copy(bytes, 0, 0, page.length);
    this.bytes = bytes;
    return this.bytes;
  }

  /**
   * Writes the new numbers to a buffer, moves the runs between those whose length has changed, and copies the numbers
   * in.
   */
  patch(family: LiveFamily, reading: GroupReading, changes: Uint32Array, changed: number): Uint8Array {
    if (this.plan.isSelective && this.showsOthers(reading, changes, changed)) return this.rebuild(family, reading);
    const { values } = reading;
    const { bytes: old, starts } = this;
    makeRoom(starts.length);
    numbers.clear();
    let growth = 0;
    let count = 0;
    for (let c = 0; c < changed; c++) {
      const line = changes[c];
      if (starts[line] === HIDDEN) continue;
      const from = numbers.length;
      numbers.number(values[line]);
      shown[count] = line;
      ends[count++] = numbers.length;
      growth += numbers.length - from - lengthOfValue(old, starts[line]);
    }
    const length = old.length + growth;
    const current = this.memory.edit(length);
    const next = current ?? this.memory.next(length);
    const runs = this.findRuns(count);
    if (current === undefined) {
      for (let r = 0; r < runs; r++) copyRun(old, runStarts[r], runEnds[r], next, runStarts[r] + runShifts[r]);
    } else moveRuns(current, runs);
    for (let c = 0, from = 0; c < count; from = ends[c], c++) {
      copyRun(numbers.bytes, from, ends[c], next, starts[shown[c]]);
    }
    if (current === undefined || growth !== 0) this.bytes = next.subarray(0, length);
    return this.bytes;
  }

  /**
   * Finds the runs of bytes between numbers whose length changes, and updates where values begin. Returns the number of
   * runs.
   */
  private findRuns(count: number): number {
    const { bytes: old, starts } = this;
    let [run, copied, shift, moved] = [0, 0, 0, 0];
    for (let c = 0, from = 0; c < count; from = ends[c], c++) {
      const length = lengthOfValue(old, starts[shown[c]]);
      const grown = ends[c] - from - length;
      if (grown === 0) continue;
      const start = starts[shown[c]];
      runStarts[run] = copied;
      runEnds[run] = start;
      runShifts[run++] = shift;
      copied = start + length;
      moved = move(starts, moved, shown[c] + 1, shift);
      shift += grown;
    }
    runStarts[run] = copied;
    runEnds[run] = old.length;
    runShifts[run++] = shift;
    move(starts, moved, starts.length, shift);
    return run;
  }

  /** Whether a changed value hides a line that was shown, or the reverse. */
  private showsOthers({ values }: GroupReading, changes: Uint32Array, changed: number): boolean {
    const { plan, starts } = this;
    const lines = plan.frames.length;
    for (let c = 0; c < changed; c++) {
      const line = changes[c];
      const i = line % lines;
      if (plan.frames[i] === undefined) continue;
      if (plan.isForbidden(i, values, line - i) !== (starts[line] === HIDDEN)) return true;
    }
    return false;
  }
}

function makeRoom(lines: number): void {
  if (lines <= begins.length) return;
  begins = new Uint32Array(lines);
  shown = new Uint32Array(lines);
  ends = new Uint32Array(lines);
  runStarts = new Uint32Array(lines + 1);
  runEnds = new Uint32Array(lines + 1);
  runShifts = new Int32Array(lines + 1);
}

/**
 * Moves runs within their buffer: first those that move left, from left to right, then the others, from right to left.
 */
function moveRuns(bytes: Buffer, runs: number): void {
  for (let r = 0; r < runs; r++) {
    if (runShifts[r] < 0) bytes.copyWithin(runStarts[r] + runShifts[r], runStarts[r], runEnds[r]);
  }
  for (let r = runs - 1; r >= 0; r--) {
    if (runShifts[r] > 0) bytes.copyWithin(runStarts[r] + runShifts[r], runStarts[r], runEnds[r]);
  }
}

/** Writes the start of a line up to its value. The labels of a series are written once and then copied. */
function writePrefix(plan: LinePlan, { before, after, unlabeled }: LineFrame, values: readonly string[]): void {
  const start = page.length;
  page.copy(before);
  const from = page.length;
  if (labelsFrom < 0) plan.writeLabels(page, values);
  else page.copy(page.bytes, labelsFrom, labelsTo);
  labelsFrom = from;
  labelsTo = page.length;
  if (labelsTo > from) page.copy(after);
  else {
    page.length = start;
    page.copy(unlabeled);
  }
}

/** A value ends at the end of its line or, if an exemplar follows, at a space. */
function lengthOfValue(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at] !== NEWLINE && bytes[at] !== SPACE) at++;
  return at - start;
}

/** Shifts the starts of the lines from `from` up to, not including, `to`. Returns `to`. */
function move(starts: Uint32Array, from: number, to: number, shift: number): number {
  if (shift !== 0) for (let i = from; i < to; i++) if (starts[i] !== HIDDEN) starts[i] += shift;
  return to;
}
