import type { PageSettings } from '../../formats/page-renderer.js';
import type { Registrable } from '../../metrics/metric-registry.js';
import type { Faults } from '../../model/faults.js';
import { inSlices } from '../../model/slices.js';
import type { RegistryObserver } from '../../registry/registry.js';
import { EVERYTHING, Kind } from '../layout.js';
import type { MirrorSettings } from '../mirror/settings.js';
import { type Entry, entryOf } from './family-publication.js';
import type { Records } from './family-records.js';
import type { Generation } from './generation.js';
import { SharedJournal } from './shared-journal.js';

/**
 * Describes a registry in shared memory, for whoever makes its pages in another thread. Families that are shown at first
 * wait until they are described, which may take many turns of the event loop; when all of them are, one that is shown is
 * described at once: the thread may stand still right after that.
 */
export class JournalPublisher implements RegistryObserver {
  readonly journal = new SharedJournal();
  private readonly entries = new Map<Registrable, Entry>();
  private settings: MirrorSettings | undefined;
  private isWhole = false;

  /** Takes where to tell what goes wrong in work that nobody waits for. */
  constructor(private readonly faults: Faults) {}

  /** A family has come to the page. Where it cannot be described, this throws and changes nothing. */
  show(metric: Registrable, last: boolean): void {
    if (this.entries.has(metric)) return;
    const entry = entryOf(metric, last, this.journal);
    this.entries.set(metric, entry);
    if (!this.isWhole) return;
    try {
      for (const _ of entry.describe(this.journal.current));
    } catch (error) {
      this.hide(metric);
      throw error;
    }
  }

  /** A family has left the page. */
  hide(metric: Registrable): void {
    const entry = this.entries.get(metric);
    if (entry === undefined) return;
    this.entries.delete(metric);
    entry.end();
    this.journal.write(Kind.HIDDEN, entry.number, () => {});
    this.journal.forget(entry.number);
  }

  /** What all pages have in common is this now. */
  set(settings: PageSettings): void {
    const clockOrigin = Number(process.hrtime.bigint()) - performance.now() * 1e6;
    this.settings = { ...settings, clockOrigin };
    this.saySettings(this.journal);
  }

  /** The number of a family on the page. */
  numberOf(metric: Registrable): number | undefined {
    return this.entries.get(metric)?.number;
  }

  /** Describes in slices what was shown at first. Rejects with what a family throws that cannot be described. */
  describe(): Promise<void> {
    return inSlices(this.description());
  }

  /** The steps of that, for whoever wants to do them at times of their own. */
  *description(): Generator<void> {
    yield* this.everything(this.journal.current);
    this.isWhole = true;
  }

  /**
   * Brings the journal up to date, and has it written anew in slices where most of it is out of date. To be called before
   * every page.
   */
  compactIfStale(): void {
    this.journal.flush();
    if (!this.isWhole || !this.journal.isStale) return;
    inSlices(this.rewriting()).catch((error) => this.faults.instrumentation('describing all metrics anew', error));
  }

  /** The steps of writing the journal anew. */
  rewriting(): Generator<void> {
    return this.journal.rewrite((next) => {
      this.saySettings(next);
      return this.everything(next);
    });
  }

  /** Ends the description; nothing is told of what comes. */
  end(): void {
    for (const entry of this.entries.values()) entry.end();
    this.entries.clear();
  }

  /** Describes the families in their order, and before it ends those as well that come meanwhile. */
  private *everything(generation: Generation): Generator<void> {
    for (const entry of this.entries.values()) {
      yield* entry.describe(generation);
      yield;
    }
  }

  private saySettings(records: Records): void {
    const settings = JSON.stringify(this.settings);
    records.write(Kind.SETTINGS, EVERYTHING, (record) => record.text(settings));
  }
}
