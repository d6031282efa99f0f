import { PromarkError, show } from '../model/errors.js';
import { EXEMPLAR_LIMIT, type Exemplar, exemplarLength } from '../model/exemplar.js';
import { type LabelValue, toLabelString } from '../model/labels.js';
import { types } from '../model/load-at-runtime.js';
import { isLegacyLabelName, isWellFormed } from '../model/names.js';
import { processWide } from '../model/process-wide.js';

/** The labels of an exemplar, as they are given to a recording call. Those without a value are left out. */
export type ExemplarLabels = { readonly [label: string]: LabelValue };

/** An increment of a series, or an observation, together with an exemplar. */
export interface WithExemplar {
  /** Default of an increment: 1. An observation needs one. */
  readonly value?: number;
  readonly exemplarLabels?: ExemplarLabels;
}

/** Stores an exemplar of a value that a series has observed: the given one, or that of the source. */
export type KeepExemplar<C> = (child: C, line: number, value: number, given: ExemplarLabels | undefined) => void;

/**
 * Whether a recording call's object is prom-client's form for exemplars, `{ labels, value, exemplarLabels }`, and not
 * the labels themselves.
 */
export function carriesExemplar(given: object, labelNames: readonly string[]): boolean {
  let isEmpty = true;
  let isLabel = false;
  for (const key in given) {
    if (!FORM.includes(key)) return false;
    isEmpty = false;
    isLabel ||= labelNames.includes(key);
  }
  // A label value is never an object, so an object under one of these names cannot be meant as one.
  const { labels, exemplarLabels } = given as { labels?: unknown; exemplarLabels?: unknown };
  return !isEmpty && (isObject(labels) || isObject(exemplarLabels) || !isLabel);
}

/** Whether what a child is to record is prom-client's form for exemplars. Its labels are those of the child. */
export function isWithExemplar(given: number | WithExemplar | null | undefined): given is WithExemplar {
  return typeof given === 'object' && given !== null && !('labels' in given);
}

const FORM = ['labels', 'value', 'exemplarLabels'];

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/**
 * Makes an exemplar from what a caller passed; none if that is nothing. Throws if it has more than 128 code points, a name
 * that no format can carry, or a value that is not a string.
 */
export function makeExemplar(given: ExemplarLabels, value: number, family: string): Exemplar | undefined {
  const labels = { ...given };
  let units = 0;
  for (const name in labels) {
    const text = labels[name];
    if (typeof text !== 'string' || text === '' || !isWellFormed(text) || !validNames.has(name)) {
      return checkedExemplar(labels, value, family);
    }
    units += name.length + text.length;
  }
  // There are at most as many code points as UTF-16 units.
  if (units === 0 || units > EXEMPLAR_LIMIT) return checkedExemplar(labels, value, family);
  return { labels: labels as Record<string, string>, value, timestamp: Date.now() };
}

/** Names that were valid before, up to a limit. A program has few: `trace_id`, `span_id`. */
const validNames = new Set<string>();
const MAX_NAMES = 100;

function checkedExemplar(given: ExemplarLabels, value: number, family: string): Exemplar | undefined {
  const labels: Record<string, string> = {};
  for (const [name, text] of Object.entries(given)) {
    const label = toLabelString(text, name, family);
    if (label === '') continue;
    // Others are escaped for most scrapers, and two names could become one.
    if (!isLegacyLabelName(name) || name === '__proto__') {
      throw new PromarkError(
        `Exemplar label names must consist of letters, digits and underscores, got ${show(name)}.`,
      );
    }
    labels[name] = label;
    if (validNames.size < MAX_NAMES) validNames.add(name);
  }
  if (Object.keys(labels).length === 0) return undefined;
  const length = exemplarLength(labels);
  if (length > EXEMPLAR_LIMIT) {
    throw new PromarkError(
      `Exemplars must have at most ${EXEMPLAR_LIMIT} code points in names and values, got ${length}.`,
    );
  }
  return { labels, value, timestamp: Date.now() };
}

/** The newest exemplar of each line of each series of a family. */
export class ExemplarStore {
  /** Made with the first one: most families have none. */
  private rows: Map<number, (Exemplar | undefined)[]> | undefined;

  put(row: number, line: number, exemplar: Exemplar): void {
    this.rows ??= new Map();
    const lines = this.rows.get(row);
    if (lines === undefined) this.rows.set(row, sparse(line, exemplar));
    else lines[line] = exemplar;
  }

  get isEmpty(): boolean {
    return this.rows === undefined;
  }

  get(row: number, line: number): Exemplar | undefined {
    return this.rows?.get(row)?.[line];
  }

  /** Tells whether there was any. */
  drop(row: number): boolean {
    return this.rows?.delete(row) === true;
  }

  /** Visits those of a series. */
  visit(row: number, visitor: (line: number, exemplar: Exemplar) => void): void {
    this.rows?.get(row)?.forEach((exemplar, line) => {
      if (exemplar !== undefined) visitor(line, exemplar);
    });
  }
}

function sparse(line: number, exemplar: Exemplar): (Exemplar | undefined)[] {
  const lines: (Exemplar | undefined)[] = [];
  lines[line] = exemplar;
  return lines;
}

/**
 * Returns the exemplar labels of the current event, such as the active trace; undefined if there is none.
 */
export type ExemplarSource = () => ExemplarLabels | undefined;

interface SourceHolder {
  source: ExemplarSource | undefined;
}

/** Cached: a look-up on the global object is far slower than a recording call. */
let holder: SourceHolder | undefined;

function sharedHolder(): SourceHolder {
  holder = processWide<SourceHolder>('exemplars.v1', () => ({ source: undefined }));
  return holder;
}

/**
 * Sets the function that provides an exemplar for recording calls on metrics with `enableExemplars` that pass none;
 * undefined removes it. There is one for the whole process, however many copies of promark are loaded.
 *
 * @example setExemplarSource(() => ({ trace_id: tracer.current()?.id }));
 */
export function setExemplarSource(source: ExemplarSource | undefined): void {
  sharedHolder().source = source;
}

/** Whether there is a source. */
export function isSourced(): boolean {
  return (holder ?? sharedHolder()).source !== undefined;
}

/** Keeps a metric from asking the source. */
export const NO_EXEMPLAR: ExemplarLabels = {};

/**
 * What the source says as a measurement begins, for a family with exemplars: at its end, another trace may be active.
 * Undefined where nobody is to be asked, NO_EXEMPLAR where the source has nothing. A source that throws is reported.
 */
export function exemplarOnEntry(
  enabled: boolean | undefined,
  report: (error: unknown) => void,
): ExemplarLabels | undefined {
  if (enabled !== true || !isSourced()) return undefined;
  try {
    return sourcedLabels() ?? NO_EXEMPLAR;
  } catch (error) {
    report(error);
    return NO_EXEMPLAR;
  }
}

/** What the source says now. */
export function sourcedLabels(): ExemplarLabels | undefined {
  const labels = (holder ?? sharedHolder()).source?.();
  // Asking Node whether it is a promise takes longer than all the rest.
  if (typeof (labels as { then?: unknown } | undefined)?.then !== 'function' || !types.isPromise(labels)) return labels;
  // A source that is async by mistake: nobody else would handle its rejection, which ends the process.
  Promise.prototype.then.call(labels, undefined, () => {});
  return undefined;
}
