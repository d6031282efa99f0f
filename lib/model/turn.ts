/** Work that is deferred to the end of a turn. */
export interface TurnWork {
  /** Records what has changed. Called on all work of a turn before the first `settle`. */
  describe(): void;
  /** Makes the changes visible to readers, and releases what only readers of the previous state needed. */
  settle(): void;
}

/**
 * The current turn of the event loop, in which the program runs without interruption. Readers elsewhere see the changes
 * of one turn to a family all at once or not at all.
 */
class Turn {
  private work = new Set<TurnWork>();

  /** Schedules work for the end of the turn. Adding it twice has no effect. */
  add(work: TurnWork): void {
    if (this.work.size === 0) queueMicrotask(() => this.end());
    this.work.add(work);
  }

  /** Does the work at once, where a reader is about to be sent on. */
  end(): void {
    const { work } = this;
    if (work.size === 0) return;
    this.work = new Set();
    for (const one of work) one.describe();
    for (const one of work) one.settle();
  }
}

export const turn = new Turn();

/** Milliseconds of work before the event loop gets a chance to run other callbacks. */
const SLICE_MS = 2;

// Captured before a test can install fake timers: pages must be made while the clock of a test is stopped.
const { setImmediate } = globalThis;

/**
 * Runs the steps of long work in slices, so that the event loop never waits for more than a few milliseconds. The first
 * slice runs before this returns: short work is done synchronously.
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

/** Lets the event loop run other callbacks. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Runs a limited number of tasks at a time; the others wait in order of arrival. */
export class Semaphore {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.free = limit;
  }

  /** Number of waiting tasks. */
  get queued(): number {
    return this.waiting.length;
  }

  /** Runs the task when it is its turn. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((begin) => this.waiting.push(begin));
    try {
      return await task();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}
