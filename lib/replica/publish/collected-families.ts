import type { FamilySnapshot } from '../../model/family.js';
import type { SnapshotFamily } from '../../model/live-family.js';
import type { JournalPublisher } from './journal-publisher.js';

/** Publishes the families of collectors in a journal. */
export class CollectedFamilies {
  private readonly families = new Map<string, CollectedFamily>();

  constructor(private readonly publisher: JournalPublisher) {}

  update(snapshots: readonly FamilySnapshot[]): void {
    const removed = new Set(this.families.keys());
    for (const snapshot of snapshots) {
      removed.delete(snapshot.name);
      const known = this.families.get(snapshot.name);
      if (known?.type === snapshot.type) known.update(snapshot);
      else this.add(new CollectedFamily(snapshot));
    }
    for (const name of removed) this.remove(name);
  }

  private add(family: CollectedFamily): void {
    this.remove(family.name);
    this.families.set(family.name, family);
    this.publisher.add(family, false);
  }

  private remove(name: string): void {
    const family = this.families.get(name);
    if (family !== undefined) this.publisher.remove(family);
    this.families.delete(name);
  }
}

/** A family yielded by a collector, wrapped as a metric. */
class CollectedFamily implements SnapshotFamily {
  readonly kind = 'snapshot';
  readonly name: string;
  readonly help: string;
  readonly type: FamilySnapshot['type'];
  readonly unit: string;
  readonly labelNames = [];
  private changed: () => void = () => {};

  constructor(private latest: FamilySnapshot) {
    this.name = latest.name;
    this.help = latest.help;
    this.type = latest.type;
    this.unit = latest.unit;
  }

  get sampleNames(): readonly string[] {
    return [...new Set(this.latest.samples.map(({ name }) => name))];
  }

  update(snapshot: FamilySnapshot): void {
    this.latest = snapshot;
    this.changed();
  }

  snapshot(): FamilySnapshot {
    return this.latest;
  }

  watch(changed: () => void): () => void {
    this.changed = changed;
    return () => {
      this.changed = () => {};
    };
  }

  reset(): void {}

  removeMatching(): number {
    return 0;
  }
}
