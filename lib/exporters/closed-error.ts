import { PromarkError } from '../model/errors.js';

/** Something is wanted of a server that is no more. */
export function closedError(): PromarkError {
  return new PromarkError('The metrics server is closed.');
}
