import { ConfigError, show } from '../model/errors.js';

/** Refuses a key that no option has: a misspelt one would have no effect and say nothing. Throws ConfigError. */
export function checkKnown(what: string, options: object, known: Readonly<Record<string, true>>): void {
  const stranger = Object.keys(options).find((option) => !Object.hasOwn(known, option));
  if (stranger === undefined) return;
  throw new ConfigError(`${what} has no option ${show(stranger)}. It has ${Object.keys(known).join(', ')}.`);
}
