/** Milliseconds of work after which others get their turn on the event loop. */
const SLICE_MS = 2;

// Taken before a test can put fake ones in their place: pages are made while the clock of a test stands still.
const { setImmediate } = globalThis;

/**
 * Goes through the steps of long work, so that the event loop never waits for more than a few milliseconds. The first
 * slice is done before this returns: what is short is done at once.
 */
export async function inSlices<T>(steps: Iterable<T>, take: (step: T) => void = () => {}): Promise<void> {
  let sliceStart = performance.now();
  for (const step of steps) {
    take(step);
    if (performance.now() - sliceStart < SLICE_MS) continue;
    await nextTurn();
    sliceStart = performance.now();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
