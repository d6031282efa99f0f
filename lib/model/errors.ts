/** The class of every error that promark throws on purpose: `error instanceof PromarkError`. */
export class PromarkError extends Error {
  override name = 'PromarkError';
}

/** A name, option, bucket list or label set that cannot be used. Thrown where the family is made. */
export class ConfigError extends PromarkError {
  override name = 'ConfigError';
}

/** A family that cannot stand beside one that is registered already. */
export class ConflictError extends PromarkError {
  override name = 'ConflictError';
}

/** Labels that do not fit their family: an unknown name, a wrong number of values, a value that is no text. */
export class LabelError extends PromarkError {
  override name = 'LabelError';
}

/** A value that the metric cannot take, such as a negative increment of a counter. */
export class ValueError extends PromarkError {
  override name = 'ValueError';
}

/** A page that breaks the rules of its format. */
export class ParseError extends PromarkError {
  override name = 'ParseError';

  constructor(
    message: string,
    /** The line of the page, counted from 1. */
    readonly line: number,
  ) {
    super(`line ${line}: ${message}`);
  }
}

/** Shows a value of unknown type in an error message: short, on one line, and never throwing itself. */
export function show(value: unknown): string {
  try {
    if (typeof value === 'string') return clip(JSON.stringify(value));
    if (Array.isArray(value)) return clip(`[${value.map(show).join(', ')}]`);
    if (typeof value === 'object' && value !== null) return clip(`an object ${JSON.stringify(value)}`);
    if (typeof value === 'function') return `a function ${value.name}`.trim();
    if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
    return `${String(value)} (${typeof value})`;
  } catch {
    return `a value of type ${typeof value}`;
  }
}

function clip(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
