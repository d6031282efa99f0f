import type { PageFamilies } from '../../formats/page-renderer.js';
import type { MergeableFamily } from '../../metrics/mergeable-family.js';
import type { SnapshotFamily } from '../../model/live-family.js';
import type { Mirror, MirrorMember } from '../mirror/mirror.js';

/**
 * One of the registries that a page is merged from: this thread's own, one that another thread or process records in, or
 * what those that have ended have left behind. A source stays the same object for as long as it is merged.
 */
export interface MergeSource {
  /**
   * Labels that distinguish the source from the others, such as `{ worker: '3' }`. Only gauges that show each source on its own
   * have them.
   */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether it may still be recorded in. Gauges that show the living leave out others. */
  readonly isAlive: boolean;
  /** When it began, in milliseconds since the epoch: of conflicting definitions, those of the newest are shown. */
  readonly startedAt: number;
  /** Its families as of now, in the order of its page. */
  families(): readonly SourceFamily[];
}

/** A family of a source. The same object for as long as the source has it. */
export interface SourceFamily {
  readonly family: MergeableFamily | SnapshotFamily;
  /** Where on the page it stands. */
  readonly place: keyof PageFamilies;
}

/** A registry that another thread records in, read by its journal. */
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

/** A family of a journal as that of a source. */
export function sourceFamily({ source, last, methods }: MirrorMember): SourceFamily {
  methods?.attachTo(source);
  return { family: source, place: last ? 'trailing' : 'metrics' };
}
