import type { FamilyDescriptor } from '../model/descriptor.js';
import { type MergeSource, type SourceFamily, sourceFamily } from '../replica/merge/source.js';
import { BlockKind } from './file-format.js';
import type { FileReader } from './file-reader.js';
import { type Identity, type Liveness, livenessOf, ownPidScope } from './identity.js';
import { probeSocket } from './liveness-socket.js';

/** A process that cannot be seen from here counts as alive if its last heartbeat is no older than this. */
const UNKNOWN_ALIVE_MS = 5 * 60_000;
/**
 * If a live writer has written no heartbeat for this long, its new series are shown before its event-loop turn ends.
 */
const STUCK_MS = 3000;

/** Returns the labels for series of a process, where each process has its own series. */
export type SourceLabels = (identity: Identity) => Readonly<Record<string, string>>;

/** The file of another process as a source for pages. */
export class FileSource implements MergeSource {
  readonly labels: Readonly<Record<string, string>>;
  readonly startedAt: number;
  isAlive = true;
  /** Whether the writer has certainly ended, so that its values can be folded. */
  isDead = false;
  /** Whether the process has ended and everything has been read. */
  private isComplete = false;

  constructor(
    readonly reader: FileReader,
    labelsOf: SourceLabels,
  ) {
    const { identity } = reader;
    this.labels = labelsOf(identity);
    this.startedAt = identity.startedAt;
  }

  /** Milliseconds since the last heartbeat. */
  get silenceMs(): number {
    return Date.now() - this.reader.heartbeat;
  }

  get id(): string {
    return this.reader.identity.id;
  }

  /** Determines whether the process is running, as far as it is visible from here. */
  async checkLiveness(folder: string): Promise<Liveness> {
    const { identity } = this.reader;
    const liveness = livenessOf(identity);
    return liveness === 'unknown' && identity.boot === ownPidScope().boot ? probeSocket(folder, identity.id) : liveness;
  }

  /**
   * Reads what is new. The liveness must be determined first, so that nothing that a dead process recorded is missed.
   * Returns false if nothing consistent has been read yet. Throws BadFileError.
   */
  refresh(liveness: Liveness = livenessOf(this.reader.identity)): boolean {
    const { reader } = this;
    if (this.isComplete) return true;
    if (liveness === 'dead') reader.mirror.hasEnded = true;
    const isRead = reader.refresh();
    this.isDead = liveness === 'dead';
    if (liveness === 'alive') reader.mirror.showsAdditions = this.silenceMs > STUCK_MS;
    const mayLive = liveness === 'alive' || (liveness === 'unknown' && this.silenceMs < UNKNOWN_ALIVE_MS);
    this.isAlive = mayLive && !reader.isClosed;
    this.isComplete = this.isDead && isRead;
    return reader.isRead;
  }

  families(): readonly SourceFamily[] {
    this.reader.mirror.sync();
    return this.reader.mirror.members().map(sourceFamily);
  }
}

/** A family recorded by ended processes. */
export interface FoldedDescriptor extends FamilyDescriptor {
  /** The labels of the process, if each has its own series. */
  readonly source?: Readonly<Record<string, string>>;
}

/**
 * The values of ended processes: one source for everything that is added up, and one for each process with its own
 * series.
 */
export class Accumulator {
  /** The ids of the files folded into it. */
  readonly absorbed: ReadonlySet<string>;
  /** Its sources. */
  readonly sources: readonly MergeSource[];

  constructor(
    readonly reader: FileReader,
    readonly number: number,
  ) {
    if (!reader.refresh()) throw new Error('The accumulator changed while it was read.');
    reader.mirror.sync();
    const ids = reader.read(BlockKind.ABSORBED).flatMap((bytes) => {
      return Array.from({ length: Math.floor(bytes.length / 16) }, (_, i) =>
        bytes.toString('hex', i * 16, i * 16 + 16),
      );
    });
    this.absorbed = new Set(ids);
    this.sources = sourcesOf(reader);
  }
}

function sourcesOf({ mirror }: FileReader): MergeSource[] {
  const parts = new Map<string, { labels: Readonly<Record<string, string>>; families: SourceFamily[] }>();
  for (const member of mirror.members()) {
    const { source } = member;
    const labels = (source.kind === 'live' && (source.descriptor as FoldedDescriptor).source) || {};
    const key = JSON.stringify(labels);
    const part = parts.get(key) ?? { labels, families: [] };
    parts.set(key, part);
    part.families.push(sourceFamily(member));
  }
  return [...parts.values()].map(({ labels, families }) => ({
    labels,
    isAlive: false,
    startedAt: 0,
    families: () => families,
  }));
}
