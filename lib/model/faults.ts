/**
 * Where a family reports what went wrong without throwing at its caller. A registry counts each kind in a metric of
 * its own and warns once.
 */
export interface Faults {
  /** An observation went to the overflow series, because the family has as many series as it may. */
  overflow(family: string, limit: number): void;
  /** A family or collector was left out of a page. */
  collectFailed(family: string, error: unknown): void;
  /** Something given while measuring could not be used (a label function that threw, an exemplar that is too long). */
  instrumentation(where: string, error: unknown): void;
  /** Logs, once, what is allowed but is mostly a slip. Registries of older versions do not have it. */
  warn?(message: string): void;
}
