// Whether this core works at full speed. Programs of other virtual machines can share its hardware, which makes all work
// up to twice as slow for seconds at a time, and which no load average shows.

const STEPS = 100_000;
/** How many times as long as at full speed the probe may take. It takes 1.7 to 2 times as long on a shared core. */
const TOLERANCE = 1.25;
/** A sample is taken after this time, even on a shared core, in case there is no better one. */
const WAIT_MS = 500;

const numbers = new Int32Array(1024);
/** Milliseconds of the probe at full speed, or undefined if samples are taken at any speed. */
let fullSpeed;
let taken = 0;
let undisturbed = 0;

/** Four independent sums, because only work that could use all of a core is slower on a shared one. */
function probe() {
  let a = 1;
  let b = 2;
  let c = 3;
  let d = 4;
  const start = performance.now();
  for (let i = 0; i < STEPS; i++) {
    a = (Math.imul(a, 31) + i) | 0;
    b = ((b ^ (b << 3)) + i) | 0;
    c = (c + numbers[i & 1023]) | 0;
    d = (Math.imul(d, 17) ^ i) | 0;
    numbers[(i * 7) & 1023] = d;
  }
  numbers[0] = a ^ b ^ c;
  return performance.now() - start;
}

/** From now on, samples count that are taken while the probe takes about as long as this. */
export function countOnlyAt(milliseconds) {
  fullSpeed = milliseconds;
  // Until V8 has compiled it.
  for (let i = 0; i < 20; i++) probe();
}

/** The share of samples that were taken at full speed, or undefined if none was taken. */
export function shareAtFullSpeed() {
  return taken === 0 ? undefined : undisturbed / taken;
}

/**
 * Waits until the core works at full speed, for `limitMs` at most, and returns whether it does. It does not sleep: a core
 * that has slept is shared much more often, 98 % of the time instead of 70 on one machine.
 */
export function waitForFullSpeed(limitMs = 10_000) {
  for (const end = performance.now() + limitMs; performance.now() < end; ) if (isAtFullSpeed()) return true;
  return false;
}

function isAtFullSpeed() {
  return fullSpeed === undefined || probe() <= fullSpeed * TOLERANCE;
}

/**
 * Collects `wanted` samples at full speed: `while (samples.wanted()) samples.add(measure())`. After `limitMs`, it does
 * with those that there are, and with disturbed ones if there are no others.
 */
export class Samples {
  #wanted;
  #end;
  #atFullSpeed = [];
  #others = [];
  /** Whether the last probe took as long as at full speed. */
  #ready = false;

  constructor(wanted, limitMs = 10_000) {
    this.#wanted = wanted;
    this.#end = performance.now() + limitMs;
  }

  /** Whether another sample should be taken, now. */
  wanted() {
    const { length } = this.#atFullSpeed;
    if (length >= this.#wanted || (performance.now() > this.#end && this.values.length > 0)) return false;
    // The probe after the last sample is also the one before this.
    this.#ready ||= waitForFullSpeed(WAIT_MS);
    return true;
  }

  add(sample) {
    const good = isAtFullSpeed() && this.#ready;
    this.#ready = good;
    taken += 1;
    if (good) undisturbed += 1;
    (good ? this.#atFullSpeed : this.#others).push(sample);
  }

  get values() {
    return this.#atFullSpeed.length > 0 ? this.#atFullSpeed : this.#others;
  }
}

/** Milliseconds of the probe at full speed: the shortest that occurred several times within `searchMs`. */
export function fullSpeedHere(searchMs = 10_000) {
  const shortest = Array(5).fill(Infinity);
  for (const end = performance.now() + searchMs; performance.now() < end; ) {
    shortest.push(probe());
    shortest.sort((a, b) => a - b).pop();
  }
  return shortest.at(-1);
}
