// Timing of work that takes nanoseconds.
import { Samples } from './samples.mjs';

/** Calls of each loop whose instructions are counted, in batches. V8 has optimized all code long before they end. */
export const CALLS = 400_000;
const BATCH = 4000;
/** Times as many calls of the loop that `instructions.longer` names. */
export const LONGER = 3;

/** Loops of this process whose instructions have been counted. */
let counted = 0;

/**
 * Returns nanoseconds per call, where `batch(n)` makes n calls. n is chosen so that a sample takes `sampleMs`; the
 * shortest sample is used, because other programs can only lengthen one. With `instructions`, it makes a fixed number of
 * calls instead, more if `longer` is the name of this loop, and returns the name.
 */
export function nanosecondsPerCall(batch, { sampleMs, samples, instructions }) {
  if (instructions !== undefined) {
    const name = `loop ${counted++}`;
    const calls = name === instructions.longer ? CALLS * LONGER : CALLS;
    for (let i = 0; i < calls; i += BATCH) batch(BATCH);
    return name;
  }
  let calls = 1024;
  let duration = timed(batch, calls);
  // The first batches run in the interpreter, so n is increased step by step.
  while (duration < sampleMs) {
    calls *= Math.min(8, Math.max(2, Math.ceil((sampleMs / Math.max(duration, 0.01)) * 0.8)));
    duration = timed(batch, calls);
  }
  const durations = new Samples(samples);
  while (durations.wanted()) durations.add(timed(batch, calls));
  return (Math.min(...durations.values) * 1e6) / calls;
}

function timed(batch, calls) {
  const start = performance.now();
  batch(calls);
  return performance.now() - start;
}

/**
 * Milliseconds of asynchronous work: wall time and processor time. The latter excludes the time of other programs, and
 * includes the garbage collector's work on other threads.
 */
export async function cost(work) {
  const start = performance.now();
  const used = process.cpuUsage();
  await work();
  return { wall: performance.now() - start, cpu: cpuSince(used) };
}

/**
 * The longest time in milliseconds for which the event loop is blocked while `work` runs. If the processor time of a turn
 * is less, that is used: the rest went to other programs.
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

/** Returns a generator of numbers from 0 to 1, the same in every run. */
export function random(seed = 1) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fails if the timed work was not done. */
export function check(condition, what) {
  if (!condition) throw new Error(`bench: ${what}`);
}
