/** Sets one series of a report: its value, or undefined if it is unknown, and its label values in the order of the labels. */
export type SetSeries = (value: number | undefined, ...labelValues: readonly string[]) => void;

/** Calls `set` for each series that there is at this moment. May be async. */
export type GaugeReport = (set: SetSeries) => void | Promise<void>;

/** What a report writes to. */
interface ReportedGauge {
  labels(...values: readonly string[]): { set(value: number): void };
  remove(...values: readonly string[]): void;
}

/**
 * The series of a gauge that come from one report. They are written when the report is complete; those that it no longer
 * contains are removed. A report that fails changes nothing.
 */
export class ReportedSeries {
  /** The label values of the series that were reported last. */
  private shown: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(
    private readonly gauge: ReportedGauge,
    private readonly report: GaugeReport,
  ) {}

  /** Asks for a report and shows it. Throws, or rejects, with what the report throws. */
  update(): void | Promise<void> {
    const labels = new Map<string, readonly string[]>();
    const values = new Map<string, number>();
    const done = this.report((value, ...labelValues) => {
      // The only series of a gauge without labels cannot be removed, and 0 would be wrong.
      if (value === undefined && labelValues.length > 0) return;
      const key = JSON.stringify(labelValues);
      labels.set(key, labelValues);
      values.set(key, value ?? Number.NaN);
    });
    return done === undefined ? this.show(labels, values) : done.then(() => this.show(labels, values));
  }

  private show(labels: ReadonlyMap<string, readonly string[]>, values: ReadonlyMap<string, number>): void {
    // Removed first, so that a gauge with a limit has room for the new ones.
    for (const [key, labelValues] of this.shown) if (!labels.has(key)) this.gauge.remove(...labelValues);
    this.shown = labels;
    for (const [key, value] of values) this.gauge.labels(...(labels.get(key) ?? [])).set(value);
  }
}
