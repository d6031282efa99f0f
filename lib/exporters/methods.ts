import { ConfigError, show } from '../model/errors.js';

/** A method that a metrics server can answer. */
export type ServerMethod = 'GET' | 'HEAD' | 'OPTIONS';

/** What is answered where nobody says otherwise: what reads. */
export const READING: readonly ServerMethod[] = ['GET', 'HEAD'];

const METHODS: readonly string[] = [...READING, 'OPTIONS'];

/** Checks the option and puts its default in. Throws ConfigError. */
export function checkMethods(given: unknown = READING): readonly ServerMethod[] {
  if (isMethods(given)) return [...new Set(given)];
  throw new ConfigError(`The option methods is a list of one or more of ${METHODS.join(', ')}, not ${show(given)}.`);
}

function isMethods(given: unknown): given is ServerMethod[] {
  return Array.isArray(given) && given.length > 0 && given.every((method) => METHODS.includes(method));
}
