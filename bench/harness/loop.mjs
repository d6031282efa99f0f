// Timing of work that takes nanoseconds.

/**
 * Nanoseconds of one call, where `batch(n)` makes n calls. n is chosen so that a sample takes `sampleMs`; of all
 * samples the shortest counts, because whatever else runs on the machine can only make one longer.
 */
export function nanosecondsPerCall(batch, { sampleMs, samples }) {
  let calls = 1024;
  let took = timed(batch, calls);
  // The first batches run in the interpreter, so the number is found step by step.
  while (took < sampleMs) {
    calls *= Math.min(8, Math.max(2, Math.ceil((sampleMs / Math.max(took, 0.01)) * 0.8)));
    took = timed(batch, calls);
  }
  let best = took;
  for (let i = 1; i < samples; i++) best = Math.min(best, timed(batch, calls));
  return (best * 1e6) / calls;
}

function timed(batch, calls) {
  const start = performance.now();
  batch(calls);
  return performance.now() - start;
}

/** Milliseconds of asynchronous work. */
export async function milliseconds(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The longest time in milliseconds for which the event loop does not turn while `work` runs. */
export async function longestStall(work) {
  let longest = 0;
  let last = performance.now();
  let running = true;
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  last = performance.now();
  await work();
  turn();
  running = false;
  return longest;
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Numbers from 0 to 1 that are the same in every run. */
export function random(seed = 1) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fails where the work that was timed has not been done. */
export function check(condition, what) {
  if (!condition) throw new Error(`bench: ${what}`);
}
