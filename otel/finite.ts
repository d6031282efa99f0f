/** The sum of a histogram, where it is a finite number: OTLP's JSON has no others. */
export function finiteSum(sum: number | undefined): { sum?: number } {
  return sum !== undefined && Number.isFinite(sum) ? { sum } : {};
}
