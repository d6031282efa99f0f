import type { Page, PageFamilies } from '../../formats/page-renderer.js';
import { inOrder, PageRenderer, type RenderOptions } from '../../formats/page-renderer.js';
import type { FamilySnapshot } from '../../model/family.js';
import { type FamilySource, isSelected, type LiveFamilies, snapshotSource } from '../../model/live-family.js';
import { inSlices, Semaphore } from '../../model/turn.js';
import type { Mirror, MirrorMember } from './mirror.js';

/** The response of the registry's own thread to a request to refresh families. */
export interface ScrapeAnswer {
  /** The numbers of families that could not be refreshed. */
  readonly failed: readonly number[];
  /** Snapshots of the families that only their own thread can read. */
  readonly snapshotted: readonly (readonly [number: number, snapshot: FamilySnapshot])[];
  /** The families yielded by collectors. */
  readonly collectorFamilies: readonly FamilySnapshot[];
}

/** The answer of a registry whose families are all in its journal and cells. */
const EMPTY_ANSWER: ScrapeAnswer = { failed: [], snapshotted: [], collectorFamilies: [] };

/** What the thread that renders pages provides. */
export interface MirrorEnvironment {
  /** Has the registry's own thread refresh families; resolves to undefined if it does not respond in time. */
  refresh(names: readonly string[]): Promise<ScrapeAnswer | undefined>;
  /** Whether a page may need more than journal and cells. Default: true. */
  mustRefresh?(): boolean;
  /** Families that this thread can collect itself while the other one does not respond. */
  fallbacks(): Promise<readonly FamilySnapshot[]>;
  /** Families about the other thread, which end the page. */
  threadFamilies(): readonly FamilySnapshot[];
  /**
   * Merges the values of other threads into the families of a page. Default: nothing is merged.
   *
   * @param selects Whether the page shows a family.
   */
  merge?(ownFamilies: PageFamilies, selects: (family: FamilySource) => boolean): Promise<PageFamilies>;
  /** Describes whose values the merged pages show; undefined for those of this process alone. */
  describeScope?(): string | undefined;
}

/** Renders a registry's pages in another thread. */
export class MirrorRegistry {
  private readonly renderer: PageRenderer;
  private readonly snapshotted = new Map<number, FamilySource>();
  /** The families last yielded by collectors. */
  private readonly collected = new Map<string, FamilySource>();
  private readonly merges = new Semaphore(1);

  constructor(
    private readonly mirror: Mirror,
    private readonly environment: MirrorEnvironment,
  ) {
    this.renderer = new PageRenderer(mirror.settings);
  }

  /** Renders the page for a scraper, like the registry itself; if that does not respond, with the last known values. */
  render(options: RenderOptions): Promise<Page> {
    return this.withFamilies(options.names, (families) => this.renderer.render(families, options));
  }

  /** Calls `use` with all families, as up to date as possible, for the live page. */
  live(use: (live: LiveFamilies) => Promise<void>): Promise<void> {
    return this.withFamilies([], (all) => {
      const { prefix } = this.renderer.settings;
      return use({ families: inOrder(all), prefix, scope: this.environment.describeScope?.() });
    });
  }

  private async withFamilies<T>(
    names: readonly string[] = [],
    use: (families: PageFamilies) => Promise<T>,
  ): Promise<T> {
    const isAlone = await this.syncAlone();
    const answer = isAlone ? EMPTY_ANSWER : await this.environment.refresh(names);
    if (answer !== undefined && !isAlone) this.applyAnswer(answer, names);
    // Copied, because another page may update them meanwhile.
    const snapshotted = new Map(isAlone ? [] : this.snapshotted);
    const collected = isAlone ? [] : [...this.collected.values()];
    const fallbacks = answer === undefined ? await this.environment.fallbacks() : [];
    // The thread may be in a long turn.
    this.mirror.showsAdditions = answer === undefined;
    await this.sync();
    this.renderer.settings = this.mirror.settings;
    const isFailed = ({ number }: MirrorMember) => answer?.failed.includes(number) === true;
    const members = this.mirror.members().filter((member) => !isFailed(member));
    const fallbackByName = new Map(fallbacks.map((family) => [family.name, snapshotSource(family)]));
    const source = ({ number, source, methods }: MirrorMember): FamilySource => {
      const chosen = fallbackByName.get(source.name) ?? snapshotted.get(number) ?? source;
      methods?.attachTo(chosen);
      return chosen;
    };
    const metrics = members.filter(({ last }) => !last).map(source);
    const trailing = members.filter(({ last }) => last).map(source);
    const known = new Set([...metrics, ...collected, ...trailing].map(({ name }) => name));
    const trailingFamilies = this.environment.threadFamilies().filter(({ name }) => !known.has(name));
    const ownFamilies = { metrics, collected, trailing: [...trailing, ...trailingFamilies.map(snapshotSource)] };
    const failed = new Set(
      this.mirror
        .members()
        .filter(isFailed)
        .map(({ source }) => source.name),
    );
    const { prefix } = this.mirror.settings;
    const selects = (family: FamilySource) => !failed.has(family.name) && isSelected(family, prefix, names);
    const { merge } = this.environment;
    if (merge === undefined) return use(ownFamilies);
    // One page at a time, so that each page shows each source as of one moment.
    return this.merges.run(async () => use(await merge(ownFamilies, selects)));
  }

  /**
   * Reads on in the journal if pages need nothing from the registry's thread. Returns whether the page can then be
   * rendered.
   */
  private async syncAlone(): Promise<boolean> {
    if (this.environment.mustRefresh?.() !== false) return false;
    this.snapshotted.clear();
    this.collected.clear();
    await this.sync();
    // False in the middle of a turn that has changed families or series: a refresh waits for the end of that turn.
    return this.mirror.isUpToDate;
  }

  /** Reads on in the journal. */
  private async sync(): Promise<void> {
    await inSlices(this.mirror.syncing());
    this.mirror.sync();
  }

  private applyAnswer({ snapshotted, collectorFamilies }: ScrapeAnswer, names: readonly string[]): void {
    if (names.length === 0) this.snapshotted.clear();
    for (const [number, snapshot] of snapshotted) this.snapshotted.set(number, snapshotSource(snapshot));
    if (names.length === 0) this.collected.clear();
    for (const family of collectorFamilies) this.collected.set(family.name, snapshotSource(family));
  }
}
