import { setTimeout as pause } from 'node:timers/promises';

/** Ends a wait that would hang forever; not a measure of speed. */
const LIMIT_MS = 120_000;

/**
 * Polls a condition until it returns something other than `undefined` or `false`, and returns that. If the condition
 * throws, it is polled again.
 *
 * @param what what is awaited, for the error that ends the wait after two minutes
 * @param describeState adds details to that error
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  describeState: () => string | Promise<string> = () => '',
): Promise<Exclude<T, undefined | false>> {
  const end = Date.now() + LIMIT_MS;
  let lastError = '';
  while (Date.now() < end) {
    try {
      const result = await condition();
      if (result !== undefined && result !== false) return result as Exclude<T, undefined | false>;
      lastError = '';
    } catch (error) {
      lastError = String(error);
    }
    await pause(20);
  }
  throw new Error(`Gave up waiting for ${what}. ${lastError} ${await describeState()}`.trim());
}
