/** Told once of how a call ended, whichever way it ended. */
export type Settled = (failed: boolean, error?: unknown) => void;

/**
 * Calls `body` and tells `settled` when it has ended: at once for a plain result or a throw, at settlement for a
 * native promise. The result is passed on as it is; for a promise, the derived one is returned, so that an unhandled
 * rejection is reported once and not twice.
 */
export function settle<R>(body: () => R, settled: Settled): R {
  let result: R;
  try {
    result = body();
  } catch (error) {
    settled(true, error);
    throw error;
  }
  if (!(result instanceof Promise)) {
    settled(false);
    return result;
  }
  return result.then(
    (value: unknown) => {
      settled(false);
      return value;
    },
    (error: unknown) => {
      settled(true, error);
      throw error;
    },
  ) as R;
}
