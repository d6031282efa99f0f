/**
 * The number of runs of a property test: its default, which keeps the suite fast, times `PROPERTY_RUNS` from the
 * environment for a thorough search.
 */
export function runs(usual: number): number {
  return Math.ceil(usual * Number(process.env.PROPERTY_RUNS ?? 1));
}
