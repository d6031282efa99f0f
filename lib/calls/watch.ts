import type { Ending } from './ending.js';

/**
 * Follows one call whose work goes on after the body has returned. `end` is called once at most; before it, `pause` and
 * `resume` may alternate.
 */
export interface Watch {
  /** The body has returned, but its work has not begun: a generator, a lazy thenable, a stream. */
  pause(): void;
  /** The work begins now. */
  resume(): void;
  /** The work has ended; `outcome` is what came of it: the result, the error, or nothing where a consumer broke it off. */
  end(ending: Ending, outcome: unknown): void;
  /** Another run of the same work, paused: what can be consumed several times gets one for each further time. */
  again(): Watch;
}
