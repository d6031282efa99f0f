import { ConfigError, show } from '../model/errors.js';

/** The longest that a timer can run: 2^31 - 1 milliseconds, nearly 25 days. */
export const LONGEST_MS = 0x7fffffff;

/** A whole number among an exporter's options, or its default. Throws ConfigError where it is out of range. */
export function checkNumber(name: string, value: unknown, least: number, most: number, standard: number): number {
  if (value === undefined) return standard;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ConfigError(`The option ${name} is a whole number from ${least} to ${most}, not ${show(value)}.`);
}
