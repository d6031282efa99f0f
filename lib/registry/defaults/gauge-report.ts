import type { Gauge } from '../../metrics/gauge.js';

/** Reports one series of a gauge: its value, or undefined where it is not known, and the values of its own labels. */
export type SetSample = (value: number | undefined, ...labels: readonly string[]) => void;

/** Fills a gauge anew before every page and remembers its series, so that those which are gone can be removed. */
export class GaugeReport {
  #shown: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(
    private readonly gauge: () => Gauge<string>,
    private readonly constants: Readonly<Record<string, string>>,
  ) {}

  fill(report: (set: SetSample) => void | Promise<void>): void | Promise<void> {
    const now = new Map<string, readonly string[]>();
    const set: SetSample = (value, ...own) => {
      const labels = [...own, ...Object.values(this.constants)];
      // The one series of a gauge without labels cannot be removed, and 0 would be a lie.
      if (value === undefined && labels.length > 0) return;
      this.gauge()
        .labels(...labels)
        .set(value ?? Number.NaN);
      now.set(JSON.stringify(labels), labels);
    };
    const done = report(set);
    return done === undefined ? this.#removeAllBut(now) : done.then(() => this.#removeAllBut(now));
  }

  #removeAllBut(now: ReadonlyMap<string, readonly string[]>): void {
    for (const [key, labels] of this.#shown) if (!now.has(key)) this.gauge().remove(...labels);
    this.#shown = now;
  }
}
