import type { FamilySnapshot, Sample } from '../../model/family.js';
import { TYPE_RULES } from '../../model/family-types.js';
import { sanitize } from '../terminal.js';

/** A series being watched. */
export interface WatchedSeries {
  readonly name: string;
  value: number;
  /** Increase per second; NaN for series that are not cumulative, and before the second sample. */
  rate: number;
  /** The latest rates or values, newest last. */
  readonly past: number[];
}

const MAX_POINTS = 60;

/** The series of a page over time. Omits buckets and quantiles: counts and sums suffice at a glance. */
export class WatchedPage {
  private readonly series = new Map<string, WatchedSeries>();
  private last: number | undefined;

  /** Adds a page; `now` is in seconds. */
  add(families: readonly FamilySnapshot[], now: number): void {
    const seconds = this.last === undefined ? Number.NaN : now - this.last;
    this.last = now;
    const seen = new Set<string>();
    for (const family of families) {
      const grows = TYPE_RULES[family.type].cumulative;
      for (const sample of family.samples) {
        if (sample.name.endsWith('_bucket') || sample.name.endsWith('_created') || 'quantile' in sample.labels)
          continue;
        const name = nameOf(sample);
        seen.add(name);
        this.put(name, sample.value, grows ? seconds : undefined);
      }
    }
    for (const name of this.series.keys()) if (!seen.has(name)) this.series.delete(name);
  }

  all(): WatchedSeries[] {
    return [...this.series.values()];
  }

  /** Adds a value. `seconds` is the time since the last sample, for cumulative series. */
  private put(name: string, value: number, seconds: number | undefined): void {
    let entry = this.series.get(name);
    if (entry === undefined) {
      entry = { name, value, rate: Number.NaN, past: [] };
      this.series.set(name, entry);
    } else if (seconds !== undefined) {
      // A lower value means that the counter was reset.
      entry.rate = (value < entry.value ? value : value - entry.value) / seconds;
    }
    entry.value = value;
    const point = seconds === undefined ? value : entry.rate;
    if (Number.isFinite(point)) entry.past.push(point);
    if (entry.past.length > MAX_POINTS) entry.past.shift();
  }
}

function nameOf({ name, labels }: Sample): string {
  const parts = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return sanitize(parts.length === 0 ? name : `${name}{${parts.join(', ')}}`);
}
