/** Something with work that is put off to the end of a turn. */
export interface TurnWork {
  /** Writes down what has changed. All do this before the first one settles. */
  describe(): void;
  /** Lets readers see it, and gives up what only readers of the state before needed. */
  settle(): void;
}

/**
 * The present turn of the event loop: all that a program does without giving way to anything else. What it does to a
 * family in one turn is seen elsewhere as a whole or not at all.
 */
class Turn {
  private work = new Set<TurnWork>();

  /** Does the work at the end of the turn. Adding it twice changes nothing. */
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

/** Milliseconds of work after which others get their turn on the event loop. */
const SLICE_MS = 2;

// Taken before a test can replace them by fake ones: pages are made while the clock of a test is stopped.
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
