/**
 * Receives the errors of a family that must not be thrown at the caller. A registry counts each kind in a metric of its
 * own and logs it once.
 */
export interface Faults {
  /** An observation went to the overflow series, because the family has reached its maximum number of series. */
  overflow(family: string, limit: number): void;
  /** A family or collector was left out of a page. */
  collectFailed(family: string, error: unknown): void;
  /** Input to a recording call could not be used: a label function threw, or an exemplar is too long. */
  instrumentation(where: string, error: unknown): void;
  /** Logs, once, what is allowed but usually a mistake. Registries of older versions lack this method. */
  warn?(message: string): void;
}
