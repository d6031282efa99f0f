import type { PageFamilies, PageScope } from '../../formats/page-renderer.js';
import { isMergeable } from '../../metrics/mergeable-family.js';
import type { FamilySource } from '../../model/live-family.js';
import type { PageMerging } from '../../registry/registry.js';
import type { MergeSource, SourceFamily } from './source.js';
import { type MergeFaults, SourceMerger } from './source-merger.js';

/** Where a page merger finds what others record. */
export interface OtherSources {
  /** The sources besides the registry itself, as of now. */
  sources(scope: PageScope | undefined): Promise<readonly MergeSource[]>;
}

/** Merges what others record into the pages of a registry. */
export class PageMerger implements PageMerging {
  private readonly own = new OwnSource({}, performance.timeOrigin);
  readonly sources: SourceMerger;

  constructor(
    private readonly others: OtherSources,
    /** Names of the labels that sources have. */
    labels: readonly string[],
    faults: MergeFaults,
  ) {
    this.sources = new SourceMerger(labels, faults);
  }

  async merge(
    own: PageFamilies,
    selects: (family: FamilySource) => boolean,
    scope: PageScope | undefined,
  ): Promise<PageFamilies> {
    const sources = await this.others.sources(scope);
    const alone = this.own.set(own);
    const { metrics, collected, trailing } = await this.sources.merge([this.own, ...sources], selects);
    return { metrics: [...metrics, ...alone], collected, trailing };
  }
}

/** The registry itself as a source: the first one, whose families are those of each page. */
export class OwnSource implements MergeSource {
  readonly isAlive = true;
  private own: readonly SourceFamily[] = [];

  constructor(
    readonly labels: Readonly<Record<string, string>>,
    readonly startedAt: number,
  ) {}

  /** Sets the families of the page that is about to be made. Returns those that cannot be merged. */
  set(families: PageFamilies): readonly FamilySource[] {
    const own: SourceFamily[] = [];
    const alone: FamilySource[] = [];
    for (const place of ['metrics', 'collected', 'trailing'] as const) {
      for (const family of families[place]) {
        if (family.kind === 'snapshot' || isMergeable(family)) own.push({ family, place });
        else alone.push(family);
      }
    }
    this.own = own;
    return alone;
  }

  families(): readonly SourceFamily[] {
    return this.own;
  }
}
