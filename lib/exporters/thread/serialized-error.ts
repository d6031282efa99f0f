import { ConfigError, PromarkError } from '../../model/errors.js';

/** An error in a form that survives the way to another thread, where a posted Error would lose its class. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  /** Such as a system error, which would lose its code. */
  readonly cause: { readonly message: string; readonly code: string | undefined } | undefined;
}

export function serializeError(error: unknown): SerializedError {
  const { name, message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return { name, message, cause: cause && { message: cause.message, code: cause.code } };
}

export function deserializeError({ name, message, cause }: SerializedError): PromarkError {
  const options = cause && { cause: Object.assign(new Error(cause.message), { code: cause.code }) };
  return name === 'ConfigError' ? new ConfigError(message, options) : new PromarkError(message, options);
}
