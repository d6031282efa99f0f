/**
 * Formats a number for `le` and `quantile` as OpenMetrics requires (OpenMetrics 1.0, section Considerations: Canonical
 * Numbers): the shortest digits in the form of Go's `%g`, followed by `.0` if there is neither a point nor an exponent.
 * All formats use it, because a bucket whose `le` depended on the format would be another series in each.
 *
 * @example canonicalFloat(1) // '1.0'
 * @example canonicalFloat(1234567) // '1.234567e+06'
 */
export function canonicalFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power < -4 || power >= 6) {
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const plain = String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

/** Parses the value of a `le` or `quantile` label; NaN if it is not a number. */
export function parseBound(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
}
