import type { Recorder } from '../calls/measure.js';
import { Gauge, type GaugeChild } from '../metrics/gauge.js';
import type { Registry } from '../registry/registry.js';
import type { RecordableFamily } from './series.js';

/** Counts the calls that are running on one series. */
export class Running implements Recorder {
  constructor(
    protected readonly series: GaugeChild,
    readonly fault: (error: unknown) => void,
  ) {}

  /** A series that is set back in the meantime has forgotten the call, and owes it no −1: the epoch tells. */
  enter(): number {
    this.series.inc();
    return this.series.epoch;
  }

  pause(epoch: number): void {
    this.leave(epoch);
  }

  resume(): number {
    return this.enter();
  }

  leave(epoch: number): void {
    if (this.series.epoch === epoch) this.series.dec();
  }
}

/** The same, and knows for how long the oldest of them has been running. */
export class AgedRunning extends Running {
  /** In the order in which they began. */
  private readonly calls = new Map<number, { readonly start: number; readonly epoch: number }>();
  private latest = 0;

  override enter(): number {
    this.latest += 1;
    this.calls.set(this.latest, { start: performance.now(), epoch: super.enter() });
    return this.latest;
  }

  override leave(number: number): void {
    const call = this.calls.get(number);
    if (call === undefined) return;
    this.calls.delete(number);
    super.leave(call.epoch);
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
