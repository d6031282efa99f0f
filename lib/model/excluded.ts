/** Under this key a response holds what measures it. By name, because several copies of promark may be loaded. */
export const MEASURED_BY = Symbol.for('promark.http.measured-by');

/** What measures one request. */
export interface Measuring {
  /** Has the request not counted at all. */
  excludeFromMetrics(): void;
}

/** A response of Node's, perhaps of a request that is measured. */
export interface Measured {
  [MEASURED_BY]?: Measuring;
}

/** Has the request that a response answers not counted as one of the program's own: it is a scrape. */
export function leaveOut(response: object): void {
  (response as Measured)[MEASURED_BY]?.excludeFromMetrics();
}
