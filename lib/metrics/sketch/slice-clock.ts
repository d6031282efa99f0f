/** Slices shorter than this are read from the clock each time: a timer would fire too often and too inexactly. */
const SHORTEST_TICK_MS = 100;

/** Node's timers take no more. */
const LONGEST_TICK_MS = 2 ** 31 - 1;

const STOPPED = -1;

const clocks = new Map<number, SliceClock>();

/**
 * Cuts time into slices of one length and tells which one it is. Reading the clock takes longer than all else that a
 * summary does with a value, so a timer turns `slice` instead: it fires once a slice, keeps no process alive and stops
 * when nobody asks any more. While the event loop is blocked `slice` is late; `now` never is.
 */
export class SliceClock {
  /** The number of the present slice, counted from the start of the process' clock; STOPPED where nothing turns it. */
  slice = STOPPED;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = false;

  private constructor(private readonly sliceMs: number) {}

  /** The clock for slices of this length, Infinity included: one for all who ask. */
  static of(sliceMs: number): SliceClock {
    const clock = clocks.get(sliceMs) ?? new SliceClock(sliceMs);
    clocks.set(sliceMs, clock);
    return clock;
  }

  /** The number of the present slice by the clock itself. Whoever asks at the start of each slice keeps `slice` going. */
  now(): number {
    const slice = Math.floor(performance.now() / this.sliceMs);
    this.asked = true;
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
    letGo(this.timer);
  }

  private tick(): void {
    const slice = Math.floor(performance.now() / this.sliceMs);
    if (slice === this.slice) {
      this.wait();
      return;
    }
    if (this.asked) this.turn(slice);
    else this.slice = STOPPED;
    this.asked = false;
  }
}

/** Keeps a timer from keeping the process alive; in Deno it is a number, and there is a function for that. */
function letGo(timer: ReturnType<typeof setTimeout> | number): void {
  if (typeof timer === 'object') timer.unref();
  else (globalThis as { Deno?: { unrefTimer(timer: number): void } }).Deno?.unrefTimer(timer);
}
