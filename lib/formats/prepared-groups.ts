import type { GroupReading, LiveFamily } from '../model/live-family.js';

/** The bytes of one group of rows in one format. */
export interface GroupBytes {
  /** Writes all rows of the group. */
  rebuild(family: LiveFamily, reading: GroupReading): Uint8Array;
  /**
   * Writes the new values of some lines, whose indexes are the first `changed` entries of `changes`, in increasing
   * order. Never changes bytes that a page uses.
   */
  patch(family: LiveFamily, reading: GroupReading, changes: Uint32Array, changed: number): Uint8Array;
}

/** Yielded between groups, to let other work run on the event loop. */
const NOTHING = new Uint8Array(0);

/** Maximum number of times that groups which have changed meanwhile are read again. Each round has fewer of them. */
const MAX_ROUNDS = 1000;

/** The index of each changed line of the group that is being refreshed. */
let changes = new Uint32Array(0);

/** Caches the bytes of a live family's groups, so that only changes are written for the next page. */
export class PreparedGroups {
  private readonly groups: PreparedGroup[] = [];

  constructor(
    private readonly family: LiveFamily,
    /** Scratch memory for one group at a time. Its options say what is read. */
    private readonly reading: GroupReading,
    private readonly makeGroup: () => GroupBytes,
  ) {}

  /**
   * Refreshes the groups step by step, and returns the bytes of each, after passing them to `retain`. All groups show the
   * series of one moment: those in which a series was removed or restarted meanwhile are read again, together and
   * without a pause. A series that moves from one row to another is therefore on the page exactly once.
   */
  *refresh(): Generator<Uint8Array, readonly Uint8Array[]> {
    const { family } = this;
    const pieces: Uint8Array[] = [];
    const versions: number[] = [];
    const read = (group: number): void => {
      if (pieces[group] !== undefined) release(pieces[group]);
      pieces[group] = this.refreshGroup(group);
      retain(pieces[group]);
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

  /** Whether the family is refreshed in a single step. */
  get isSmall(): boolean {
    const { prepare, rowCount, groupRows } = this.family;
    return prepare === undefined && rowCount <= groupRows;
  }

  /** Refreshes the groups like `refresh`, without a pause; those of a small family without a generator. */
  refreshAtOnce(): readonly Uint8Array[] {
    const { family } = this;
    family.sync?.();
    const { revision, rowCount } = family;
    if (this.isSmall && rowCount > 0) {
      const piece = this.refreshGroup(0);
      retain(piece);
      family.sync?.();
      if (family.revision === revision) return [piece];
      release(piece);
    }
    const steps = this.refresh();
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) return value;
    }
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
  /** The value of each line that was last written. */
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

  /** Writes the indexes of lines whose values have changed to `changes`, and returns their number. */
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

/** The number of pages, finished or not, that use each buffer. */
const useCounts = new WeakMap<ArrayBufferLike, number>();

/** Spare capacity for numbers that get longer, as a fraction of the length. */
const SLACK = 1 / 128;

/** Notes that a page uses these bytes, which must not change until `release`. */
export function retain({ buffer }: Uint8Array): void {
  useCounts.set(buffer, (useCounts.get(buffer) ?? 0) + 1);
}

/** Notes that a page no longer uses these bytes. Ignores bytes for which `retain` was not called. */
export function release({ buffer }: Uint8Array): void {
  const count = useCounts.get(buffer);
  if (count !== undefined) useCounts.set(buffer, count - 1);
}

function isInUse({ buffer }: Uint8Array): boolean {
  return (useCounts.get(buffer) ?? 0) > 0;
}

/**
 * The buffers of one group, whose bytes change from page to page. They are changed in place as long as no page uses
 * them. The bytes of a page that is never released are never overwritten: the next page gets another buffer.
 */
export class GroupMemory {
  private memory = Buffer.alloc(0);
  /** The previous buffer, to be reused when no page uses it any more. */
  private other = Buffer.alloc(0);

  /** The current buffer, if it may be changed and has room for `length` bytes. */
  edit(length: number): Buffer | undefined {
    return length <= this.memory.length && !isInUse(this.memory) ? this.memory : undefined;
  }

  /** Returns the first `length` bytes of a buffer that may be changed. */
  take(length: number): Buffer {
    return (this.edit(length) ?? this.next(length)).subarray(0, length);
  }

  /** Returns another buffer than the current one. */
  next(length: number): Buffer {
    const { memory, other } = this;
    const fits = length <= other.length && !isInUse(other);
    this.memory = fits ? other : Buffer.allocUnsafeSlow(length + Math.ceil(length * SLACK));
    this.other = isInUse(memory) ? memory : Buffer.alloc(0);
    return this.memory;
  }
}
