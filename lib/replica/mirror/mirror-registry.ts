import { negotiate } from '../../formats/negotiate.js';
import type { Page } from '../../formats/page.js';
import { PageCache } from '../../formats/page-cache.js';
import { type PageFamily, render } from '../../formats/render.js';
import type { FamilySnapshot } from '../../model/family.js';
import { matches } from '../../registry/views.js';
import type { Mirror, MirrorMember } from './mirror.js';

/** What the registry's own thread says when it is asked to bring families up to date. */
export interface ScrapeAnswer {
  /** The numbers of families that could not be. */
  readonly failed: readonly number[];
  /** What those families say that only their own thread can read. */
  readonly snapshotted: readonly (readonly [number: number, snapshot: FamilySnapshot])[];
  /** What collectors yielded. */
  readonly collectorFamilies: readonly FamilySnapshot[];
}

/** What the thread of a page adds to it. */
export interface MirrorSurroundings {
  /** Asks the registry's own thread; undefined where that does not answer in time. */
  ask(names: readonly string[]): Promise<ScrapeAnswer | undefined>;
  /** Families that this thread knows better than the other, which has not answered. */
  fallbacks(): Promise<readonly FamilySnapshot[]>;
  /** Families about the other thread, for the end of the page. */
  about(): readonly FamilySnapshot[];
}

/** Makes the pages of a registry in another thread than its own. */
export class MirrorRegistry {
  private readonly cache = new PageCache();
  private readonly snapshotted = new Map<number, FamilySnapshot>();
  /** What collectors yielded when they were last asked. */
  private readonly collectorFamilies = new Map<string, FamilySnapshot>();
  private settings: unknown;

  constructor(
    private readonly mirror: Mirror,
    private readonly surroundings: MirrorSurroundings,
  ) {}

  /** The page for a scraper, as the registry itself would make it; where that cannot be asked, with what is known. */
  async render({ accept, names }: { accept?: string | undefined; names: readonly string[] }): Promise<Page> {
    const answer = await this.surroundings.ask(names);
    if (answer !== undefined) this.learn(answer, names);
    const standIns = answer === undefined ? await this.surroundings.fallbacks() : [];
    this.mirror.sync();
    const { prefix, defaultLabels, created, openMetrics2 } = this.mirror.settings;
    const { format, escaping, contentType } = negotiate(accept, openMetrics2);
    if (this.settings !== this.mirror.settings) this.cache.clear();
    this.settings = this.mirror.settings;
    const families = this.families(answer?.failed ?? [], standIns).filter((family) => matches(family, names, prefix));
    return render(families, format, { escaping, created, prefix, defaultLabels }, this.cache, contentType);
  }

  private families(failed: readonly number[], standIns: readonly FamilySnapshot[]): PageFamily[] {
    const members = this.mirror.members().filter(({ number }) => !failed.includes(number));
    const better = new Map(standIns.map((family) => [family.name, family]));
    const source = ({ number, source }: MirrorMember): PageFamily =>
      better.get(source.name) ?? this.snapshotted.get(number) ?? source;
    const families = [
      ...members.filter(({ last }) => !last).map(source),
      ...this.collectorFamilies.values(),
      ...members.filter(({ last }) => last).map(source),
    ];
    const names = new Set(families.map(({ name }) => name));
    return [...families, ...this.surroundings.about().filter(({ name }) => !names.has(name))];
  }

  private learn({ snapshotted: quoted, collectorFamilies: strangers }: ScrapeAnswer, names: readonly string[]): void {
    for (const [number, snapshot] of quoted) this.snapshotted.set(number, snapshot);
    if (names.length === 0) this.collectorFamilies.clear();
    for (const family of strangers) this.collectorFamilies.set(family.name, family);
  }
}
