import type { Exemplar } from '../../model/exemplar.js';
import type { GroupReading, LiveFamily } from '../../model/live-family.js';
import { NativeReading } from '../../model/native-histogram.js';
import { type GroupBytes, GroupMemory } from '../prepared-groups.js';
import { BackwardWriter } from './backward-writer.js';
import type { MessagePlan } from './message-plan.js';
import { type Extras, FAMILY, NUMBERS_ROOM, writeHistogram, writeSummary } from './metric-data.js';

/** A scratch buffer, shared by all groups. */
const writer = new BackwardWriter();
const NONE: readonly Exemplar[] = [];
const native = new NativeReading();
const extras: { -readonly [K in keyof Extras]: Extras[K] } = { createdAt: 0, exemplars: NONE };

/** The positions of a row's message and of its labels, counted from the end of the group's bytes. */
interface MessageSpan {
  readonly row: number;
  readonly hasExemplars: boolean;
  start: number;
  end: number;
  labelsStart: number;
  labelsEnd: number;
}

/**
 * The messages of a group of histograms or summaries. Counts are of variable length, so a changed series is written
 * again, with its labels copied; unchanged ones are copied as a whole.
 */
export class CompositeGroup implements GroupBytes {
  private readonly memory = new GroupMemory();
  private bytes: Uint8Array = new Uint8Array(0);
  private spans: MessageSpan[] = [];

  constructor(private readonly plan: MessagePlan) {}

  rebuild(family: LiveFamily, reading: GroupReading): Uint8Array {
    const { plan } = this;
    const { from, to } = reading;
    const lines = family.shape.length;
    this.spans = [];
    let at = reading.length;
    writer.start();
    for (let row = to - 1; row >= from; row--) {
      const labelValues = family.labelValues(row, plan.values);
      if (labelValues === undefined) continue;
      at -= lines;
      const hasExemplars = family.shape.some((_, line) => family.exemplar(row, line) !== undefined);
      const span: MessageSpan = { row, hasExemplars, start: 0, end: writer.length, labelsStart: 0, labelsEnd: 0 };
      this.writeData(family, span, reading, at);
      span.labelsEnd = writer.length;
      plan.writeLabels(writer, labelValues);
      finish(span);
      this.spans.push(span);
    }
    this.bytes = writer.toBytes(this.memory);
    return this.bytes;
  }

  /** Rewrites the series whose values have changed. */
  patch(family: LiveFamily, reading: GroupReading, changes: Uint32Array, changed: number): Uint8Array {
    const { bytes: old, spans } = this;
    const lines = family.shape.length;
    let at = reading.length;
    let next = changed - 1;
    writer.start();
    for (const span of spans) {
      at -= lines;
      if (next < 0 || changes[next] < at) {
        const { end } = span;
        const moved = writer.length - end;
        writer.bytes(old, old.length - span.start, old.length - end);
        span.start += moved;
        span.end += moved;
        span.labelsStart += moved;
        span.labelsEnd += moved;
        continue;
      }
      while (next >= 0 && changes[next] >= at) next -= 1;
      const [labelsFrom, labelsTo] = [old.length - span.labelsStart, old.length - span.labelsEnd];
      span.end = writer.length;
      this.writeData(family, span, reading, at);
      span.labelsEnd = writer.length;
      writer.bytes(old, labelsFrom, labelsTo);
      finish(span);
    }
    this.bytes = writer.toBytes(this.memory);
    return this.bytes;
  }

  private writeData(family: LiveFamily, span: MessageSpan, { values, readNative }: GroupReading, at: number): void {
    const { bounds, variant } = this.plan;
    const { row } = span;
    extras.createdAt = family.createdAt(row);
    extras.exemplars = span.hasExemplars ? family.shape.map((_, line) => family.exemplar(row, line)) : NONE;
    if (this.plan.isSummary) {
      writeSummary(writer, bounds, values, at, extras);
      return;
    }
    readNative?.(row, native);
    const exponential = readNative === undefined ? undefined : native;
    writeHistogram(writer, bounds, values, at, exponential, extras, variant.escaping);
  }
}

function finish(span: MessageSpan): void {
  writer.reserve(NUMBERS_ROOM);
  span.labelsStart = writer.length;
  writer.close(FAMILY.metric, span.end);
  span.start = writer.length;
}
