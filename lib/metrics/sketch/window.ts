import type { Store } from '../../store/store.js';
import { type PartVisitor, Sketch } from './sketch.js';

/** The length of a window, and the number of its slices. */
export interface WindowPlan {
  /** Infinity: observations never expire. */
  readonly maxAgeSeconds: number;
  readonly ageBuckets: number;
}

/** The sketch of one slice of a window. */
export interface WindowSlice {
  readonly sketch: Sketch;
  /** When the window moves past the slice, in milliseconds since the epoch; Infinity for never. */
  readonly expiresAt: number;
}

/**
 * Returns the slices that sketches hold.
 *
 * @param now The time on the clock by which slices are numbered.
 */
export function slicesOf(
  sketches: readonly Sketch[],
  { maxAgeSeconds, ageBuckets }: WindowPlan,
  now: number,
): readonly WindowSlice[] {
  if (!Number.isFinite(maxAgeSeconds)) return sketches.map((sketch) => ({ sketch, expiresAt: Infinity }));
  const sliceMs = (maxAgeSeconds * 1000) / ageBuckets;
  const origin = Date.now() - now;
  return sketches.map((sketch) => ({ sketch, expiresAt: origin + (sketch.slice + ageBuckets) * sliceMs }));
}

/** Returns a window without observations. */
export function newSketchWindow(store: Store, plan: WindowPlan): SketchWindow {
  return new SketchWindow(store, plan);
}

/**
 * The observations of the last `maxAgeSeconds`, in `ageBuckets` sketches that hold one slice of that time each. An
 * observation is written once, to the newest sketch; a quantile is read from all of them. The window therefore covers
 * between (ageBuckets - 1) / ageBuckets and the whole of `maxAgeSeconds`.
 */
export class SketchWindow {
  private readonly sketches: (Sketch | undefined)[];
  private readonly clock: SliceClock;
  /** The number of the slice that is written now. */
  private slice: number;
  private current: Sketch;
  private visitor: PartVisitor | undefined;

  constructor(
    private readonly store: Store,
    plan: WindowPlan,
  ) {
    const moves = Number.isFinite(plan.maxAgeSeconds);
    this.clock = SliceClock.of(moves ? (plan.maxAgeSeconds * 1000) / plan.ageBuckets : Infinity);
    this.sketches = new Array<Sketch | undefined>(moves ? plan.ageBuckets : 1).fill(undefined);
    this.slice = this.clock.now();
    this.current = this.open(this.slice);
  }

  add(value: number): void {
    if (this.slice !== this.clock.slice) this.move();
    this.current.add(value);
  }

  /** Observations in the window. */
  get count(): number {
    this.move();
    return this.sketches.reduce((sum, sketch) => sum + (sketch?.count ?? 0), 0);
  }

  /** The sketches of the slices that the window covers now. */
  recent(): readonly Sketch[] {
    this.move();
    return this.sketches.filter((sketch): sketch is Sketch => sketch !== undefined);
  }

  /** Visits all parts and, when they are allocated, later ones; the key begins with the position of the sketch. */
  describe(visitor: PartVisitor): void {
    this.visitor = visitor;
    this.sketches.forEach((sketch, position) => {
      sketch?.describe((key, range) => visitor([position, ...key], range));
    });
  }

  /** Removes all observations. If other threads may be reading the cells, the window continues with new ones. */
  clear(): void {
    if (this.visitor === undefined) {
      for (const sketch of this.sketches) sketch?.clear();
      return;
    }
    for (const sketch of this.sketches) sketch?.release();
    this.sketches.fill(undefined);
    this.current = this.open(this.slice);
  }

  /** Releases all cells. The window must not be used afterwards. */
  release(): void {
    for (const sketch of this.sketches) sketch?.release();
    this.sketches.length = 0;
  }

  private move(): void {
    const slice = this.clock.now();
    if (slice === this.slice) return;
    // The ring still holds old values for slices in which nothing was observed.
    for (let passed = Math.max(this.slice + 1, slice - this.sketches.length + 1); passed <= slice; passed++) {
      this.sketches[passed % this.sketches.length]?.clear();
    }
    this.slice = slice;
    this.current = this.open(slice);
  }

  private open(slice: number): Sketch {
    const position = slice % this.sketches.length;
    const { visitor } = this;
    const known = this.sketches[position];
    const sketch = known ?? new Sketch(this.store);
    sketch.slice = slice;
    this.sketches[position] = sketch;
    if (known === undefined && visitor !== undefined)
      sketch.describe((key, range) => visitor([position, ...key], range));
    return sketch;
  }
}

/** For shorter slices, the clock is read each time: a timer would fire too often and too inexactly. */
const SHORTEST_TICK_MS = 100;

/** The longest delay of a timer. */
const LONGEST_TICK_MS = 2 ** 31 - 1;

const STOPPED = -1;

const clocks = new Map<number, SliceClock>();

/**
 * Divides time into slices of one length, and numbers them. Reading the clock takes longer than everything else that a
 * summary does with a value, so a timer advances `slice` instead: it fires once per slice, does not keep the process alive
 * and stops when unused. While the event loop is blocked, `slice` is late; `now()` never is.
 */
export class SliceClock {
  /**
   * The number of the current slice, counted from the origin of `performance.now()`; STOPPED while no timer advances
   * it.
   */
  slice = STOPPED;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wasRead = false;

  private constructor(private readonly sliceMs: number) {}

  /** Returns the shared clock for slices of this length, which may be Infinity. */
  static of(sliceMs: number): SliceClock {
    const clock = clocks.get(sliceMs) ?? new SliceClock(sliceMs);
    clocks.set(sliceMs, clock);
    return clock;
  }

  /** The number of the current slice by the clock. Reading it at the start of each slice keeps `slice` up to date. */
  now(): number {
    const slice = Math.floor(performance.now() / this.sliceMs);
    this.wasRead = true;
    if (slice !== this.slice) this.turn(slice);
    return slice;
  }

  private turn(slice: number): void {
    if (this.sliceMs < SHORTEST_TICK_MS) return;
    this.slice = slice;
    this.wait();
  }

  private wait(): void {
    clearTimeout(this.timer);
    if (this.sliceMs === Infinity) return;
    const left = (this.slice + 1) * this.sliceMs - performance.now();
    this.timer = setTimeout(() => this.tick(), Math.min(Math.max(1, left), LONGEST_TICK_MS));
    unref(this.timer);
  }

  private tick(): void {
    const slice = Math.floor(performance.now() / this.sliceMs);
    if (slice === this.slice) {
      this.wait();
      return;
    }
    if (this.wasRead) this.turn(slice);
    else this.slice = STOPPED;
    this.wasRead = false;
  }
}

/** Keeps a timer from keeping the process alive. In Deno, a timer is a number and has no `unref` method. */
function unref(timer: ReturnType<typeof setTimeout> | number): void {
  if (typeof timer === 'object') timer.unref();
  else (globalThis as { Deno?: { unrefTimer(timer: number): void } }).Deno?.unrefTimer(timer);
}
