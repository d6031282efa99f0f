import { ConfigError, PromarkError } from '../../model/errors.js';

/** An error on its way to another thread. Sent itself, it would be of no class there. */
export interface Refusal {
  readonly name: string;
  readonly message: string;
  /** Of the system: those lose their code when they are sent. */
  readonly cause: { readonly message: string; readonly code: string | undefined } | undefined;
}

/** Takes an error apart, to be sent. */
export function refusalOf(error: unknown): Refusal {
  const { name, message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return { name, message, cause: cause && { message: cause.message, code: cause.code } };
}

/** The error again. */
export function errorOf({ name, message, cause }: Refusal): PromarkError {
  const options = cause && { cause: Object.assign(new Error(cause.message), { code: cause.code }) };
  return name === 'ConfigError' ? new ConfigError(message, options) : new PromarkError(message, options);
}
