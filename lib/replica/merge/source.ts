import type { PageFamilies } from '../../formats/page-renderer.js';
import type { MergeableFamily } from '../../metrics/mergeable-family.js';
import type { SnapshotFamily } from '../../model/live-family.js';
import type { Mirror, MirrorMember } from '../mirror/mirror.js';

/**
 * A registry that pages are merged from: this thread's own, that of another thread or process, or the totals of ended
 * sources. A source remains the same object for as long as it is merged.
 */
export interface MergeSource {
  /**
   * Labels that distinguish the source from others, such as `{ worker: '3' }`. They only appear on gauges that show
   * each source separately.
   */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether the source can still be recorded in. Gauges that show only live sources exclude the others. */
  readonly isAlive: boolean;
  /** Start time in milliseconds since the epoch. If definitions conflict, the newest source's is shown. */
  readonly startedAt: number;
  /** Its current families, in page order. */
  families(): readonly SourceFamily[];
}

/** A family of a source. It remains the same object for as long as the source has it. */
export interface SourceFamily {
  readonly family: MergeableFamily | SnapshotFamily;
  /** The part of the page it belongs to. */
  readonly section: keyof PageFamilies;
}

/** A registry that another thread records in, read through its journal. */
export class JournalSource implements MergeSource {
  readonly labels: Readonly<Record<string, string>>;
  readonly startedAt: number;
  isAlive = true;

  constructor(
    readonly mirror: Mirror,
    { labels, startedAt }: Pick<MergeSource, 'labels' | 'startedAt'>,
  ) {
    this.labels = labels;
    this.startedAt = startedAt;
  }

  families(): readonly SourceFamily[] {
    this.mirror.sync();
    return this.mirror.members().map(sourceFamily);
  }
}

/** Converts a family from a journal to a source family. */
export function sourceFamily({ source, last, methods }: MirrorMember): SourceFamily {
  methods?.attachTo(source);
  return { family: source, section: last ? 'trailing' : 'metrics' };
}
