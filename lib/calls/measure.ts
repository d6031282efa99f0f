import { follow, isDeferred } from './deferred.js';
import type { AnyMethod } from './dialect.js';
import { type Ending, endingOf } from './ending.js';
import { dress } from './guise.js';
import type { Watch } from './watch.js';

/** Records one kind of thing about the calls of a method. Keeps nothing of a single call: calls overlap and recurse. */
export interface Recorder {
  /** Before the body. What it returns, usually a time, is handed to `leave` or `pause`. */
  enter(): number;
  /** The body has returned, but its work has yet to begin (a generator): takes back what `enter` did. */
  pause(mark: number): void;
  /** The work begins now; as `enter`. */
  resume(): number;
  /** The call has ended. `outcome` is the result or the error. `self` and `args` are for a detailed site only. */
  leave(mark: number, ending: Ending, outcome: unknown, self?: unknown, args?: readonly unknown[]): void;
  /** Told of what went wrong in recording. Never throws. */
  fault(error: unknown): void;
}

/** A method that is measured. */
export interface Site {
  /**
   * Whether recording asks for more of a call than how it ended. If not, its arguments are passed on without ever
   * becoming an array.
   */
  readonly detailed: boolean;
  /** Who records a call that begins now; undefined where nobody does. */
  open(self: unknown, args?: readonly unknown[]): Recorder | undefined;
  /** Told of what went wrong in finding a recorder. Never throws. */
  fault(error: unknown): void;
}

/**
 * Wraps a method so that each of its calls is recorded. To callers the method stays what it was: its result, its
 * errors, `this`, name, length, own properties and metadata. What goes wrong in measuring is the site's to tell.
 */
export function measure(body: AnyMethod, site: Site): AnyMethod {
  return dress(site.detailed ? detailed(body, site) : plain(body, site), body);
}

// The two wrappers differ in whether `args` leaves the function, because only arguments that do not can be forwarded
// without making an array of them. Recording stands outside the `try` around the body: a fault there is not the body's.

function plain(body: AnyMethod, site: Site): AnyMethod {
  return {
    measured(this: unknown, ...args: unknown[]): unknown {
      let recorder: Recorder | undefined;
      let mark = 0;
      try {
        recorder = site.open(this);
        if (recorder !== undefined) mark = recorder.enter();
      } catch (fault) {
        (recorder ?? site).fault(fault);
        recorder = undefined;
      }
      if (recorder === undefined) return Reflect.apply(body, this, args);
      let result: unknown;
      try {
        result = Reflect.apply(body, this, args);
      } catch (error) {
        leave(recorder, mark, endingOf(error), error);
        throw error;
      }
      if (isDeferred(result)) return followed(result, new CallWatch(recorder, mark));
      try {
        recorder.leave(mark, 'ok', result);
      } catch (fault) {
        recorder.fault(fault);
      }
      return result;
    },
  }.measured;
}

function detailed(body: AnyMethod, site: Site): AnyMethod {
  return {
    measured(this: unknown, ...args: unknown[]): unknown {
      let recorder: Recorder | undefined;
      let mark = 0;
      try {
        recorder = site.open(this, args);
        if (recorder !== undefined) mark = recorder.enter();
      } catch (fault) {
        (recorder ?? site).fault(fault);
        recorder = undefined;
      }
      if (recorder === undefined) return Reflect.apply(body, this, args);
      let result: unknown;
      try {
        result = Reflect.apply(body, this, args);
      } catch (error) {
        leave(recorder, mark, endingOf(error), error, this, args);
        throw error;
      }
      if (isDeferred(result)) return followed(result, new CallWatch(recorder, mark, this, args));
      try {
        recorder.leave(mark, 'ok', result, this, args);
      } catch (fault) {
        recorder.fault(fault);
      }
      return result;
    },
  }.measured;
}

function leave(
  recorder: Recorder,
  mark: number,
  ending: Ending,
  outcome: unknown,
  self?: unknown,
  args?: readonly unknown[],
): void {
  try {
    recorder.leave(mark, ending, outcome, self, args);
  } catch (fault) {
    recorder.fault(fault);
  }
}

function followed(result: object, watch: CallWatch): unknown {
  try {
    return follow(result, watch);
  } catch (fault) {
    watch.fault(fault);
    watch.end('ok', result);
    return result;
  }
}

/** Carries one call from the body's return to the end of its work. */
class CallWatch implements Watch {
  constructor(
    private readonly recorder: Recorder,
    private mark: number,
    private readonly self?: unknown,
    private readonly args?: readonly unknown[],
  ) {}

  pause(): void {
    try {
      this.recorder.pause(this.mark);
    } catch (fault) {
      this.recorder.fault(fault);
    }
  }

  resume(): void {
    try {
      this.mark = this.recorder.resume();
    } catch (fault) {
      this.recorder.fault(fault);
    }
  }

  end(ending: Ending, outcome: unknown): void {
    leave(this.recorder, this.mark, ending, outcome, this.self, this.args);
  }

  fault(error: unknown): void {
    this.recorder.fault(error);
  }

  again(): Watch {
    return new CallWatch(this.recorder, 0, this.self, this.args);
  }
}
