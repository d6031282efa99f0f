import type { GroupReading, LiveFamily } from '../model/live-family.js';

/** The finished bytes of one group of rows in one format. */
export interface GroupBytes {
  /** Writes all rows of the group. */
  rebuild(family: LiveFamily, reading: GroupReading): Uint8Array;
  /**
   * Writes the group with other values in some lines: those whose places stand, rising, at the beginning of `changes`.
   * Bytes that a page holds stay as they are.
   */
  patch(family: LiveFamily, reading: GroupReading, changes: Uint32Array, changed: number): Uint8Array;
}

/** Yielded in place of bytes while groups are read: others may have their turn on the event loop. */
const NOTHING = new Uint8Array(0);

/** While groups are read, others may change; each time there is less to read again. */
const MAX_ROUNDS = 1000;

/** For each changed line of the group that is being refreshed: its place among the lines. */
let changes = new Uint32Array(0);

/** The bytes of a live family's groups, kept so that the next page costs only what has changed. */
export class PreparedGroups {
  private readonly groups: PreparedGroup[] = [];

  constructor(
    private readonly family: LiveFamily,
    /** Working memory for one group at a time; what it asks for is read. */
    private readonly reading: GroupReading,
    private readonly makeGroup: () => GroupBytes,
  ) {}

  /**
   * Brings the groups up to date, step by step, and returns the bytes of each. All of them have the series of one moment:
   * groups in which one was removed or began anew meanwhile are read again, together and at once. So a series that moves
   * from one row to another is on the page exactly once. The bytes are held for the page.
   */
  *refresh(): Generator<Uint8Array, readonly Uint8Array[]> {
    const { family } = this;
    const pieces: Uint8Array[] = [];
    const versions: number[] = [];
    const read = (group: number): void => {
      if (pieces[group] !== undefined) release(pieces[group]);
      pieces[group] = this.refreshGroup(group);
      hold(pieces[group]);
      versions[group] = this.reading.version;
    };
    for (const _ of family.prepare?.(this.reading.withNative) ?? []) yield NOTHING;
    family.sync?.();
    let { revision } = family;
    for (let group = 0; group * family.groupRows < family.rowCount; group++) {
      read(group);
      yield NOTHING;
    }
    for (let round = 0; round < MAX_ROUNDS; round++) {
      family.sync?.();
      if (family.revision === revision) break;
      revision = family.revision;
      const count = Math.ceil(family.rowCount / family.groupRows);
      for (const piece of pieces.splice(count)) release(piece);
      for (let group = 0; group < count; group++) {
        if (pieces[group] === undefined || versions[group] !== family.groupVersion(group)) read(group);
      }
    }
    return pieces;
  }

  private refreshGroup(group: number): Uint8Array {
    const { family, reading, groups } = this;
    groups[group] ??= new PreparedGroup(this.makeGroup());
    family.readGroup(group, reading);
    return groups[group].refresh(family, reading);
  }
}

class PreparedGroup {
  private bytes: Uint8Array = new Uint8Array(0);
  private version = -1;
  /** The value of each line as it was written. */
  private last = new Float64Array(0);

  constructor(private readonly group: GroupBytes) {}

  refresh(family: LiveFamily, reading: GroupReading): Uint8Array {
    const { values, length, version } = reading;
    if (version !== this.version) {
      this.last = values.slice(0, length);
      this.bytes = this.group.rebuild(family, reading);
      this.version = version;
      return this.bytes;
    }
    const changed = this.findChanges(values);
    if (changed > 0) {
      this.bytes = this.group.patch(family, reading, changes, changed);
      for (let c = 0; c < changed; c++) this.last[changes[c]] = values[changes[c]];
    }
    return this.bytes;
  }

  /** Notes the lines whose values have changed, and counts them. */
  private findChanges(values: Float64Array): number {
    const { last } = this;
    if (changes.length < last.length) changes = new Uint32Array(last.length);
    let count = 0;
    for (let i = 0; i < last.length; i++) {
      // A summary's quantiles are NaN while its window is empty.
      if (values[i] === last[i] || (Number.isNaN(values[i]) && Number.isNaN(last[i]))) continue;
      changes[count++] = i;
    }
    return count;
  }
}

/** How many pages, finished or not, have bytes of a buffer. */
const holders = new WeakMap<ArrayBufferLike, number>();

/** Room for numbers that get longer, as a share of what is there. */
const SLACK = 1 / 128;

/** Notes that a page has these bytes, so that they stay as they are until `release`. */
export function hold({ buffer }: Uint8Array): void {
  holders.set(buffer, (holders.get(buffer) ?? 0) + 1);
}

/** Notes that a page does not need bytes any more that were held for it. Others are not counted. */
export function release({ buffer }: Uint8Array): void {
  const count = holders.get(buffer);
  if (count !== undefined) holders.set(buffer, count - 1);
}

function isHeld({ buffer }: Uint8Array): boolean {
  return (holders.get(buffer) ?? 0) > 0;
}

/**
 * Memory for the bytes of one group, which change from page to page. As long as no page has them, they may be changed where
 * they are. A page that nobody releases is left alone for good, and the next bytes get other memory.
 */
export class GroupMemory {
  private memory = Buffer.alloc(0);
  /** What pages had last, to be used again when they are done with it. */
  private other = Buffer.alloc(0);

  /** The memory of the current bytes if they may be changed and `length` bytes fit. */
  own(length: number): Buffer | undefined {
    return length <= this.memory.length && !isHeld(this.memory) ? this.memory : undefined;
  }

  /** Other memory than that of the current bytes. */
  next(length: number): Buffer {
    const { memory, other } = this;
    const fits = length <= other.length && !isHeld(other);
    this.memory = fits ? other : Buffer.allocUnsafeSlow(length + Math.ceil(length * SLACK));
    this.other = isHeld(memory) ? memory : Buffer.alloc(0);
    return this.memory;
  }
}
