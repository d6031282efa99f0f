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

/**
 * Milliseconds of asynchronous work: by the clock, and of the processor. The latter leaves out the time in which other
 * programs ran, and counts what the garbage collector does on other threads.
 */
export async function cost(work) {
  const start = performance.now();
  const used = process.cpuUsage();
  await work();
  return { wall: performance.now() - start, cpu: cpuSince(used) };
}

/**
 * The longest time in milliseconds for which the event loop does not turn while `work` runs. A turn counts with what it
 * took of the processor where that is less: the rest of it went to other programs.
 */
export async function longestStall(work) {
  let longest = 0;
  let last = performance.now();
  let used = process.cpuUsage();
  let running = true;
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, Math.min(now - last, cpuSince(used)));
    last = now;
    used = process.cpuUsage();
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  last = performance.now();
  used = process.cpuUsage();
  await work();
  turn();
  running = false;
  return longest;
}

function cpuSince(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
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
