import type { PageFamilies, PageScope } from '../../formats/page-renderer.js';
import { isMergeable } from '../../metrics/mergeable-family.js';
import type { FamilySource } from '../../model/live-family.js';
import type { PageMerging } from '../../registry/gatherer.js';
import type { MergeSource, SourceFamily } from './source.js';
import { type MergeFaults, SourceMerger } from './source-merger.js';

/** Provides the sources that a page merger adds. */
export interface OtherSources {
  /** The current sources, excluding the registry itself. */
  sources(scope: PageScope | undefined): Promise<readonly MergeSource[]>;
}

/** Merges the values of other sources into a registry's pages. */
export class PageMerger implements PageMerging {
  private readonly own = new OwnSource({}, performance.timeOrigin);
  readonly sources: SourceMerger;

  constructor(
    private readonly others: OtherSources,
    /** Names of the labels that distinguish sources. */
    labels: readonly string[],
    faults: MergeFaults,
  ) {
    this.sources = new SourceMerger(labels, faults);
  }

  async merge(
    ownFamilies: PageFamilies,
    selects: (family: FamilySource) => boolean,
    scope: PageScope | undefined,
  ): Promise<PageFamilies> {
    const sources = await this.others.sources(scope);
    const unmergeable = this.own.set(ownFamilies);
    const { metrics, collected, trailing } = await this.sources.merge([this.own, ...sources], selects);
    return { metrics: [...metrics, ...unmergeable], collected, trailing };
  }
}

/** The registry itself as the first source, whose families are those of each page. */
export class OwnSource implements MergeSource {
  readonly isAlive = true;
  private own: readonly SourceFamily[] = [];

  constructor(
    readonly labels: Readonly<Record<string, string>>,
    readonly startedAt: number,
  ) {}

  /** Sets the families of the page about to be rendered. Returns those that cannot be merged. */
  set(families: PageFamilies): readonly FamilySource[] {
    const sources: SourceFamily[] = [];
    const unmergeable: FamilySource[] = [];
    for (const section of ['metrics', 'collected', 'trailing'] as const) {
      for (const family of families[section]) {
        if (family.kind === 'snapshot' || isMergeable(family)) sources.push({ family, section });
        else unmergeable.push(family);
      }
    }
    this.own = sources;
    return unmergeable;
  }

  families(): readonly SourceFamily[] {
    return this.own;
  }
}
