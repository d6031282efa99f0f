const ZERO = 48;

/**
 * Writes a sample's value as ASCII and returns the position behind it; 32 bytes are always enough. Whole numbers up to
 * 2^31, which most samples are, are written digit by digit, others as JavaScript writes them.
 */
export function writeNumber(into: Uint8Array, at: number, value: number): number {
  const whole = value | 0;
  return whole === value && whole >= 0 ? writeWhole(into, at, whole) : writeAscii(into, at, numberText(value));
}

/** A sample's value as text: `NaN`, `+Inf`, `-Inf`, or as JavaScript writes it. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/** Writes text that is known to be ASCII. */
export function writeAscii(into: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function writeWhole(into: Uint8Array, at: number, value: number): number {
  let digits = 1;
  for (let limit = 10; limit <= value; limit *= 10) digits++;
  let rest = value;
  for (let i = at + digits - 1; i >= at; i--) {
    const next = (rest / 10) | 0;
    into[i] = ZERO + rest - next * 10;
    rest = next;
  }
  return at + digits;
}
