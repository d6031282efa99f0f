import type { Recorder } from '../calls/measure.js';
import { Gauge, type GaugeChild } from '../metrics/gauge.js';
import type { Registry } from '../registry/registry.js';
import type { RecordableFamily } from './series.js';

/** A family whose series tell when they began. */
export interface StartedFamily extends RecordableFamily<GaugeChild> {
  createdAt(row: number): number;
}

/** Counts the calls that are running on one series. */
export class Running implements Recorder {
  constructor(
    protected readonly series: GaugeChild,
    private readonly family: StartedFamily,
    readonly fault: (error: unknown) => void,
  ) {}

  /** Returns when the series began: one that was reset in the meantime has forgotten the call, and owes it no −1. */
  enter(): number {
    this.series.inc();
    return this.family.createdAt(this.series.row);
  }

  pause(began: number): void {
    this.leave(began);
  }

  resume(): number {
    return this.enter();
  }

  leave(began: number): void {
    if (this.family.createdAt(this.series.row) === began) this.series.dec();
  }
}

/** The same, and knows for how long the oldest of them has been running. */
export class AgedRunning extends Running {
  /** In the order in which they began. */
  private readonly calls = new Map<number, { readonly start: number; readonly began: number }>();
  private latest = 0;

  override enter(): number {
    this.latest += 1;
    this.calls.set(this.latest, { start: performance.now(), began: super.enter() });
    return this.latest;
  }

  override leave(number: number): void {
    const call = this.calls.get(number);
    if (call === undefined) return;
    this.calls.delete(number);
    super.leave(call.began);
  }

  /** Seconds; 0 where no call is running. */
  get oldestAge(): number {
    for (const { start } of this.calls.values()) return Math.max(0, (performance.now() - start) / 1000);
    return 0;
  }
}

/** The gauge that says for how long the oldest call of each series of another gauge has been running. */
export function ageGauge(family: RecordableFamily<GaugeChild>, registry: Registry): Gauge<readonly string[]> {
  return registry.getOrCreate(Gauge<readonly string[]>, {
    name: `${family.name}_oldest_seconds`,
    help: 'Age of the oldest method call in progress in seconds',
    unit: 'seconds',
    labelNames: family.labelNames,
    aggregate: 'max',
  });
}
