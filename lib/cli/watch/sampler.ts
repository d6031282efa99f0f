import type { FamilySnapshot, Sample } from '../../model/family.js';
import { TYPE_RULES } from '../../model/family-types.js';
import { harmless } from '../terminal.js';

/** A series as it is shown. */
export interface WatchedSeries {
  readonly name: string;
  value: number;
  /** Growth a second; NaN for what does not add up, and before the second sample. */
  rate: number;
  /** The last rates or values, the newest at the end. */
  readonly past: number[];
}

const KEPT = 60;

/** The series of a page over time. Buckets and quantiles are left out: their counts and sums say enough at a glance. */
export class WatchedPage {
  private readonly series = new Map<string, WatchedSeries>();
  private last: number | undefined;

  /** Takes a page in; `now` is in seconds. */
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

  /** `seconds` since the last sample, for series that only grow. */
  private put(name: string, value: number, seconds: number | undefined): void {
    let entry = this.series.get(name);
    if (entry === undefined) {
      entry = { name, value, rate: Number.NaN, past: [] };
      this.series.set(name, entry);
    } else if (seconds !== undefined) {
      // What fell has begun anew.
      entry.rate = (value < entry.value ? value : value - entry.value) / seconds;
    }
    entry.value = value;
    const point = seconds === undefined ? value : entry.rate;
    if (Number.isFinite(point)) entry.past.push(point);
    if (entry.past.length > KEPT) entry.past.shift();
  }
}

function nameOf({ name, labels }: Sample): string {
  const parts = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return harmless(parts.length === 0 ? name : `${name}{${parts.join(', ')}}`);
}
