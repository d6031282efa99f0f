import type { PageSettings } from '../../formats/page-renderer.js';
import type { Registrable } from '../../metrics/metric-registry.js';
import type { Faults } from '../../model/faults.js';
import { inSlices } from '../../model/turn.js';
import type { RegistryObserver } from '../../registry/registry.js';
import type { MirrorSettings } from '../journal-format.js';
import { EVERYTHING, Kind } from '../journal-format.js';
import { entryOf, type PublishedEntry } from './family-publication.js';
import type { Generation, Records } from './generation.js';
import { type GenerationMemory, Journal } from './journal.js';

/**
 * Writes a registry's journal, from which other threads and processes render its pages. The initial families are
 * described in slices, over many turns of the event loop. After that, a new family is described at once, because the
 * thread may block right afterwards.
 */
export class JournalPublisher implements RegistryObserver {
  readonly journal: Journal;
  private readonly entries = new Map<Registrable, PublishedEntry>();
  private settings: MirrorSettings | undefined;
  /** Whether the initial families are described. */
  isWhole = false;

  constructor(
    memory: GenerationMemory,
    /** Receives errors of work that nothing awaits. */
    private readonly faults: Faults,
  ) {
    this.journal = new Journal(memory);
  }

  /** Adds a family. If it cannot be described, throws without changing anything. */
  add(metric: Registrable, last: boolean): void {
    if (this.entries.has(metric)) return;
    const entry = entryOf(metric, last, this.journal);
    this.entries.set(metric, entry);
    if (!this.isWhole) return;
    try {
      for (const _ of entry.describe(this.journal.current));
    } catch (error) {
      this.remove(metric);
      throw error;
    }
  }

  /** Removes a family. */
  remove(metric: Registrable): void {
    const entry = this.entries.get(metric);
    if (entry === undefined) return;
    this.entries.delete(metric);
    entry.end();
    this.journal.write(Kind.HIDDEN, entry.number, () => {});
    this.journal.forget(entry.number);
  }

  /** Removes all families. */
  removeAll(): void {
    for (const metric of [...this.entries.keys()]) this.remove(metric);
  }

  /** Replaces the settings that apply to all pages. */
  configure(settings: PageSettings): void {
    const clockOrigin = Number(process.hrtime.bigint()) - performance.now() * 1e6;
    this.settings = { ...settings, clockOrigin };
    this.writeSettings(this.journal);
  }

  /** The metrics whose families are in the journal. */
  get metrics(): Iterable<Registrable> {
    return this.entries.keys();
  }

  /** The number of a family in the journal. */
  numberOf(metric: Registrable): number | undefined {
    return this.entries.get(metric)?.number;
  }

  /** Describes the initial families in slices. Rejects with the error of a family that cannot be described. */
  describe(): Promise<void> {
    return inSlices(this.description());
  }

  /** The same in steps, for callers with their own schedule. */
  *description(): Generator<void> {
    yield* this.everything(this.journal.current);
    this.isWhole = true;
  }

  /** Flushes the journal, and starts rewriting it if most of it is out of date. Called before every page. */
  compactIfStale(): void {
    this.journal.flush();
    if (!this.isWhole || !this.journal.isStale) return;
    inSlices(this.rewriting()).catch((error) => this.faults.instrumentation('describing all metrics anew', error));
  }

  /** Rewrites the journal in steps. */
  rewriting(): Generator<void> {
    return this.journal.rewrite((next) => {
      this.writeSettings(next);
      return this.everything(next);
    });
  }

  /** Ends the journal: later changes are not written. */
  end(): void {
    for (const entry of this.entries.values()) entry.end();
    this.entries.clear();
  }

  /** Describes the families in order, including those added in the meantime. */
  private *everything(generation: Generation): Generator<void> {
    for (const entry of this.entries.values()) {
      yield* entry.describe(generation);
      yield;
    }
  }

  private writeSettings(records: Records): void {
    const settings = JSON.stringify(this.settings);
    records.write(Kind.SETTINGS, EVERYTHING, (record) => record.string(settings));
  }
}
