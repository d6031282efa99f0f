/**
 * The key under which a response, or the `Request` of a fetch handler, carries its measurement. Global, because several
 * copies of promark may be loaded.
 */
export const MEASURED_BY = Symbol.for('promark.http.measured-by');

/** The measurement of one request. */
export interface Measuring {
  /** Excludes the request from the metrics. */
  excludeFromMetrics(): void;
}

/** A message of a request that may be measured. */
export interface Measured {
  [MEASURED_BY]?: Measuring;
}

/** Excludes the request of a message from the HTTP metrics: scrapes are not measured. */
export function excludeFromMetrics(message: object): void {
  (message as Measured)[MEASURED_BY]?.excludeFromMetrics();
}
