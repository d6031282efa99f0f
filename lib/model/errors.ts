/**
 * The class of every error that promark throws on purpose: `error instanceof PromarkError`.
 *
 * Programming errors throw immediately, as in prom-client: an invalid configuration, an unknown label or a wrong number
 * of labels, a label value of the wrong type, a value that is not a number or that the metric cannot take. Errors that
 * depend on data or on the environment never throw while measuring; they are counted in a metric of the registry and
 * logged once: a full family, an exemplar that cannot be used, a `collect` that fails, a logger that throws. Odd but
 * harmless input is accepted silently: an empty label value means no label, an increment of `null` is 1, a lone
 * surrogate becomes U+FFFD, a second stop of a timer and the removal of an unknown series do nothing, and recording on
 * a child whose series was removed has no effect. Inside decorators, none of these errors reaches the method's caller.
 */
export class PromarkError extends Error {
  override name = 'PromarkError';
}

/** A name, option, bucket list or label set that cannot be used. Thrown when the family is created. */
export class ConfigError extends PromarkError {
  override name = 'ConfigError';
}

/** A family that conflicts with one that is already registered. */
export class ConflictError extends PromarkError {
  override name = 'ConflictError';
}

/** Labels that do not fit their family: an unknown name, a wrong number of values, a value of the wrong type. */
export class LabelError extends PromarkError {
  override name = 'LabelError';
}

/** A value that the metric cannot take, such as a negative increment of a counter. */
export class ValueError extends PromarkError {
  override name = 'ValueError';
}

/** A push that did not reach its gateway, or that the gateway refused. */
export class PushError extends PromarkError {
  override name = 'PushError';
  /** The HTTP status of the response; undefined if there was none. */
  readonly status: number | undefined;
  /** The body of the gateway's response, without secrets of the request; empty if there was no response. */
  readonly body: string;
  /** Milliseconds to wait before the next push, from the header `Retry-After`; undefined if there is none. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    details: { status?: number | undefined; body?: string; cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.status = details.status;
    this.body = details.body ?? '';
    this.retryAfterMs = details.retryAfterMs;
  }
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

/** `1 label`, `2 labels`. */
export function pluralize(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Maximum length of a value in a message. */
const SHOWN_CHARACTERS = 120;
const SHOWN_MEMBERS = 5;

/** Formats any value for an error message: short, on one line, at most one level deep. Never throws. */
export function show(value: unknown): string {
  try {
    return clip(shown(value, true));
  } catch {
    return `a value of type ${typeof value}`;
  }
}

function shown(value: unknown, deep: boolean): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, SHOWN_CHARACTERS));
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'function') return `a function ${value.name}`.trim();
  if (value === undefined || value === null) return String(value);
  if (typeof value !== 'object') return `${String(value)} (${typeof value})`;
  if (Array.isArray(value)) return deep ? `[${members(value, (member) => shown(member, false))}]` : '[…]';
  const kind = nameOfClass(value);
  if (!deep) return kind ?? '{…}';
  const keys = members(Object.keys(value), (key) => `${key}: ${shown((value as Record<string, unknown>)[key], false)}`);
  return kind === undefined ? `an object {${keys}}` : `an object of class ${kind}`;
}

function members<T>(list: readonly T[], format: (member: T) => string): string {
  const first = list.slice(0, SHOWN_MEMBERS).map(format);
  return [...first, ...(list.length > SHOWN_MEMBERS ? ['…'] : [])].join(', ');
}

/** Undefined for a plain object. */
function nameOfClass(value: object): string | undefined {
  const maker: unknown = value.constructor;
  return typeof maker === 'function' && maker !== Object ? maker.name : undefined;
}

function clip(text: string): string {
  const line = text.replace(/[\r\n]+/g, ' ');
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS - 1)}…` : line;
}

/**
 * Returns the message of an error or, if it is empty, its code: connecting to several addresses fails with such an
 * error.
 */
export function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { message, code } = error as { message?: unknown; code?: unknown };
  return [message, code].find((text) => typeof text === 'string' && text !== '')?.toString() ?? 'an unknown error';
}
