import type { Exemplar } from '../../model/exemplar.js';
import type { GroupReading, LiveFamily } from '../../model/live-family.js';
import { type GroupBytes, GroupMemory } from '../prepared-groups.js';
import { BackwardWriter } from './backward-writer.js';
import type { MessagePlan } from './message-plan.js';
import { type Extras, FAMILY, NUMBERS_ROOM, writeSingle } from './metric-data.js';

/** A scratch buffer, shared by all groups. */
const writer = new BackwardWriter();
const exemplars: (Exemplar | undefined)[] = [undefined];
const extras: { -readonly [K in keyof Extras]: Extras[K] } = { createdAt: 0, exemplars };
/** How far the value of each line is from the end of the group. Also a scratch buffer. */
let distances = new Uint32Array(0);

/**
 * The messages of a group of rows whose lines have one value each. A double always takes eight bytes, so changes are
 * written into a copy of the old bytes, and nothing else moves.
 */
export class SingleGroup implements GroupBytes {
  private readonly memory = new GroupMemory();
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(this.bytes.buffer);
  /** The position of each line's value. */
  private positions = new Uint32Array(0);

  constructor(private readonly plan: MessagePlan) {}

  rebuild(family: LiveFamily, { from, to, values, length }: GroupReading): Uint8Array {
    const { plan } = this;
    const lines = family.shape.length;
    if (distances.length < length) distances = new Uint32Array(length);
    let at = length;
    writer.start();
    for (let row = to - 1; row >= from; row--) {
      const labelValues = family.labelValues(row, plan.values);
      if (labelValues === undefined) continue;
      extras.createdAt = family.createdAt(row);
      for (let line = lines - 1; line >= 0; line--) {
        const end = writer.length;
        exemplars[0] = family.exemplar(row, line);
        at -= 1;
        distances[at] = writeSingle(writer, plan.valueTag, values[at], extras, plan.variant.escaping);
        plan.writeLineLabels(writer, labelValues, line);
        writer.reserve(NUMBERS_ROOM);
        writer.close(FAMILY.metric, end);
      }
    }
    this.keep(writer.toBytes(this.memory));
    this.positions = distances.slice(0, length);
    for (let i = 0; i < length; i++) this.positions[i] = this.bytes.length - this.positions[i];
    return this.bytes;
  }

  /** Writes the changed values, into a copy if a page uses the bytes. */
  patch(_family: LiveFamily, { values }: GroupReading, changes: Uint32Array, changed: number): Uint8Array {
    const { positions, bytes, memory } = this;
    if (memory.edit(bytes.length) === undefined) {
      const copy = memory.take(bytes.length);
      copy.set(bytes);
      this.keep(copy);
    }
    for (let c = 0; c < changed; c++) this.view.setFloat64(positions[changes[c]], values[changes[c]], true);
    return this.bytes;
  }

  private keep(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
