/** The key under which a response carries its measurement. Global, because several copies of promark may be loaded. */
export const MEASURED_BY = Symbol.for('promark.http.measured-by');

/** The measurement of one request. */
export interface Measuring {
  /** Excludes the request from the metrics. */
  excludeFromMetrics(): void;
}

/** A response whose request may be measured. */
export interface Measured {
  [MEASURED_BY]?: Measuring;
}

/** Excludes the request that a response answers from the metrics: it is a scrape. */
export function excludeFromMetrics(response: object): void {
  (response as Measured)[MEASURED_BY]?.excludeFromMetrics();
}
