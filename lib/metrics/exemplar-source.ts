import type { ExemplarLabels } from './exemplars.js';

/**
 * Says which event an observation belongs to at this moment, such as the trace that is being followed; undefined where
 * there is none.
 */
export type ExemplarSource = () => ExemplarLabels | undefined;

const PLACE = Symbol.for('promark.exemplars.v1');

interface Shelf {
  source: ExemplarSource | undefined;
}

/** Kept once found: a look-up on the global object is far slower than a recording call. */
let shelf: Shelf | undefined;

function sharedShelf(): Shelf {
  const shared = globalThis as { [PLACE]?: Shelf };
  shared[PLACE] ??= { source: undefined };
  shelf = shared[PLACE];
  return shelf;
}

/**
 * Sets who is asked for an exemplar when a recording call on a metric with `enableExemplars` is given none; undefined
 * for nobody. One for the whole process, whatever copies of promark are loaded.
 *
 * @example setExemplarSource(() => ({ trace_id: tracer.current()?.id }));
 */
export function setExemplarSource(source: ExemplarSource | undefined): void {
  sharedShelf().source = source;
}

/** Whether there is a source. */
export function isSourced(): boolean {
  return (shelf ?? sharedShelf()).source !== undefined;
}

/** What the source says now. */
export function sourcedLabels(): ExemplarLabels | undefined {
  return (shelf ?? sharedShelf()).source?.();
}
