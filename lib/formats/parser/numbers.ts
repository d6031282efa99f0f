// Every alternative begins with a character that the others cannot, so matching never backtracks far.
const REAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const NOT_A_NUMBER = /^nan$/i;
const INTEGER = /^[+-]?\d+$/;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** What `parseValue` takes, for messages. */
export const VALUE_SPELLINGS = 'a decimal number that fits a 64-bit float, NaN, +Inf or -Inf';

/**
 * A sample's value, or undefined where the text is none. Both formats take the same spellings: decimal with an optional
 * exponent, `inf` and `infinity` with an optional sign, `nan` without one, all in any case. Hexadecimal numbers and
 * digits grouped by `_` are none, nor is a number too large for a 64-bit float (text 0.0.4: Go's ParseFloat as it was
 * before Go 1.13; OpenMetrics 1.0, sections ABNF and Numbers).
 */
export function parseValue(text: string): number | undefined {
  if (REAL.test(text)) return finite(Number(text));
  if (INFINITE.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return NOT_A_NUMBER.test(text) ? Number.NaN : undefined;
}

/** A timestamp of text 0.0.4: whole milliseconds that fit 64 bits. Undefined where the text is none. */
export function parseMilliseconds(text: string): number | undefined {
  if (!INTEGER.test(text)) return undefined;
  const rounded = Number(text);
  if (Math.abs(rounded) > 1e19) return undefined;
  if (!Number.isSafeInteger(rounded)) {
    const exact = BigInt(text.replace(/^([+-]?)0+/, '$1'));
    if (exact > INT64_MAX || exact < INT64_MIN) return undefined;
  }
  return rounded + 0;
}

/**
 * A timestamp of OpenMetrics, in milliseconds: seconds, whole or with a fraction. Undefined where the text is none.
 * The point is shifted in the text, because multiplying would make 1520879607.789 end in 788.9999.
 */
export function parseSeconds(text: string): number | undefined {
  if (!REAL.test(text)) return undefined;
  const exponent = /[eE]/.test(text);
  return finite((exponent ? Number(text) * 1000 : Number(`${text}e3`)) + 0);
}

/**
 * How an exposer has to write a bucket's bound or a quantile: the shortest digits as Go's `%g` writes them, with `.0`
 * where there is neither point nor exponent (OpenMetrics 1.0, section Considerations: Canonical Numbers). The encoders'
 * own is not used here, so that a fault in it is found when their pages are parsed.
 */
export function canonicalFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [digits = '', power = ''] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 6) {
    return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const plain = Object.is(value, -0) ? '-0' : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
