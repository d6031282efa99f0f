import { type Described, isReadableElsewhere } from '../metrics/described.js';
import type { Registrable } from '../metrics/home.js';
import { snapshotFrom } from '../metrics/snapshot-from.js';
import { Kind } from '../store/journal/layout.js';
import { SharedJournal } from '../store/journal/shared-journal.js';
import { snapshotToData } from '../store/journal/snapshot-json.js';
import type { FamilyLog } from '../store/store.js';
import type { MirrorSettings } from './mirror/settings.js';
import type { PageSettings, RegistryObserver } from './observer.js';

interface Entry {
  readonly number: number;
  /** Whether it stands at the end of the page. */
  readonly last: boolean;
  /** Says once more what there is to say. */
  describe(): void;
  end(): void;
}

/** Describes a registry in shared memory, for whoever makes its pages in another thread. */
export class Publication implements RegistryObserver {
  readonly journal = new SharedJournal();
  private readonly entries = new Map<Registrable, Entry>();
  private settings: PageSettings | undefined;

  /** A family has come to the page. */
  show(metric: Registrable, last: boolean): void {
    if (this.entries.has(metric)) return;
    const entry = isReadableElsewhere(metric) ? this.describe(metric, last) : this.quote(metric, last);
    this.entries.set(metric, entry);
    this.place(entry);
  }

  /** A family has left the page. */
  hide(metric: Registrable): void {
    const entry = this.entries.get(metric);
    if (entry === undefined) return;
    this.entries.delete(metric);
    entry.end();
    this.journal.write(Kind.HIDDEN, entry.number, () => {});
  }

  /** What all pages have in common is this now. */
  set(settings: PageSettings): void {
    this.settings = settings;
    const clockOrigin = Number(process.hrtime.bigint()) - performance.now() * 1e6;
    this.journal.say(Kind.SETTINGS, -1, { ...settings, clockOrigin } satisfies MirrorSettings);
  }

  /** The number of a family on the page. */
  numberOf(metric: Registrable): number | undefined {
    return this.entries.get(metric)?.number;
  }

  /** Brings the journal up to date, and writes it anew where most of it is out of date. To be called before every page. */
  tend(): void {
    this.journal.flush();
    if (this.journal.isStale) this.rewrite();
  }

  /** Writes the journal anew. */
  rewrite(): void {
    this.journal.rewrite(() => {
      if (this.settings !== undefined) this.set(this.settings);
      for (const entry of this.entries.values()) {
        entry.describe();
        this.place(entry);
      }
    });
  }

  /** Ends the description; nothing is told of what comes. */
  end(): void {
    for (const entry of this.entries.values()) entry.end();
    this.entries.clear();
  }

  private place({ number, last }: Entry): void {
    this.journal.write(Kind.SHOWN, number, (record) => record.int(last ? 1 : 0));
  }

  /** A family whose cells are read where they lie. */
  private describe(metric: Registrable & Described, last: boolean): Entry {
    const log: FamilyLog & { readonly number: number; waste(): void } = this.journal.family(metric.about());
    const { number } = log;
    metric.describe(log);
    metric.follow(log);
    const describe = () => {
      this.journal.announce(number, metric.about());
      metric.describe(log);
    };
    const end = () => {
      metric.unfollow(log);
      log.waste();
    };
    return { number, last, describe, end };
  }

  /** A family that cannot be read elsewhere: what it says is written down, again when it tells that it has changed. */
  private quote(metric: Registrable, last: boolean): Entry {
    const number = this.journal.number();
    const describe = () => this.journal.say(Kind.SNAPSHOT, number, snapshotToData(snapshotFrom(metric)));
    describe();
    const end = 'watch' in metric && metric.watch !== undefined ? metric.watch(describe) : () => {};
    return { number, last, describe, end };
  }
}
