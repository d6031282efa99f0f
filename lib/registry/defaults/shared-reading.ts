/**
 * Lets families that come from one source share a reading: a scrape reads the source once, and the families agree with
 * each other. Each of them can still be asked for alone.
 *
 * A registry asks all its families in one go, so a reading holds until the code that runs now is done.
 */
export function sharedReading<T>(read: () => T): () => T {
  let last: { readonly value: T } | undefined;
  return () => {
    if (last === undefined) {
      last = { value: read() };
      queueMicrotask(() => {
        last = undefined;
      });
    }
    return last.value;
  };
}
