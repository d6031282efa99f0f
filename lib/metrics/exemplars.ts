import { ConfigError, PromarkError, show } from '../model/errors.js';
import { EXEMPLAR_LIMIT, type Exemplar, exemplarLength } from '../model/exemplar.js';
import { type LabelValue, toLabelString } from '../model/labels.js';
import { types } from '../model/load-at-runtime.js';
import { isLegacyLabelName, isWellFormed } from '../model/names.js';
import { processWide } from '../model/process-wide.js';

/** The labels of an exemplar, as passed to a recording call. Empty ones are left out. */
export type ExemplarLabels = { readonly [label: string]: LabelValue };

/** An increment of a series, or an observation, together with an exemplar. */
export interface WithExemplar {
  /** Required for an observation. Default for an increment: 1. */
  readonly value?: number;
  readonly exemplarLabels?: ExemplarLabels;
}

/** Stores an exemplar of a value that was recorded on a series: the given one, or that of the exemplar source. */
export type KeepExemplar<C> = (
  child: C,
  line: number,
  value: number,
  exemplarLabels: ExemplarLabels | undefined,
) => void;

/**
 * Whether a recording call's object is prom-client's form for exemplars, `{ labels, value, exemplarLabels }`, and not
 * the labels themselves.
 */
export function carriesExemplar(labelsOrForm: object, labelNames: readonly string[]): boolean {
  let isEmpty = true;
  let isLabel = false;
  for (const key in labelsOrForm) {
    if (!FORM.includes(key)) return false;
    isEmpty = false;
    isLabel ||= labelNames.includes(key);
  }
  // A label value is never an object, so an object under one of these names cannot be a label.
  const { labels, exemplarLabels } = labelsOrForm as { labels?: unknown; exemplarLabels?: unknown };
  return !isEmpty && (isObject(labels) || isObject(exemplarLabels) || !isLabel);
}

/** Whether a child's argument is prom-client's form for exemplars, which then has no labels of its own. */
export function isWithExemplar(valueOrForm: number | WithExemplar | null | undefined): valueOrForm is WithExemplar {
  return typeof valueOrForm === 'object' && valueOrForm !== null && !('labels' in valueOrForm);
}

const FORM = ['labels', 'value', 'exemplarLabels'];

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/**
 * Makes an exemplar from the labels that a caller passed; undefined if all are empty. Throws if it has more than 128
 * code points, a name that some format cannot carry, or a value that cannot be a label value.
 */
export function makeExemplar(exemplarLabels: ExemplarLabels, value: number, family: string): Exemplar | undefined {
  const labels = { ...exemplarLabels };
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

/** Names that were found valid, up to a limit. A program has few: `trace_id`, `span_id`. */
const validNames = new Set<string>();
const MAX_NAMES = 100;

function checkedExemplar(exemplarLabels: ExemplarLabels, value: number, family: string): Exemplar | undefined {
  const labels: Record<string, string> = {};
  for (const [name, text] of Object.entries(exemplarLabels)) {
    const label = toLabelString(text, name, family);
    if (label === '') continue;
    // Other names would be escaped for most scrapers, and two of them could become the same.
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
  /** Created with the first exemplar: most families have none. */
  private rows: Map<number, (Exemplar | undefined)[]> | undefined;

  put(row: number, line: number, exemplar: Exemplar): void {
    this.rows ??= new Map();
    const lines = this.rows.get(row);
    if (lines === undefined) this.rows.set(row, sparse(line, exemplar));
    else lines[line] = exemplar;
  }

  get(row: number, line: number): Exemplar | undefined {
    return this.rows?.get(row)?.[line];
  }

  /** Removes the exemplars of a row. Returns whether there were any. */
  drop(row: number): boolean {
    return this.rows?.delete(row) === true;
  }

  /** Visits the exemplars of a row. */
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
  if (source !== undefined && typeof source !== 'function') {
    throw new ConfigError(`setExemplarSource() takes a function or undefined, got ${show(source)}.`);
  }
  sharedHolder().source = source;
}

/** Whether there is a source. */
export function hasExemplarSource(): boolean {
  return (holder ?? sharedHolder()).source !== undefined;
}

/** Passed to a metric to prevent it from calling the source. */
export const NO_EXEMPLAR: ExemplarLabels = {};

/**
 * Calls the source at the beginning of a measurement, because another trace may be active at its end. Returns undefined
 * if exemplars are disabled or there is no source, and NO_EXEMPLAR if the source returns nothing. An error of the
 * source is reported.
 */
export function exemplarOnEntry(
  enabled: boolean | undefined,
  report: (error: unknown) => void,
): ExemplarLabels | undefined {
  if (enabled !== true || !hasExemplarSource()) return undefined;
  try {
    return sourcedLabels() ?? NO_EXEMPLAR;
  } catch (error) {
    report(error);
    return NO_EXEMPLAR;
  }
}

/** Calls the source. */
export function sourcedLabels(): ExemplarLabels | undefined {
  const labels = (holder ?? sharedHolder()).source?.();
  // `types.isPromise` takes longer than all the rest, so `then` is checked first.
  if (typeof (labels as { then?: unknown } | undefined)?.then !== 'function' || !types.isPromise(labels)) return labels;
  // The source is async by mistake. An unhandled rejection would end the process.
  Promise.prototype.then.call(labels, undefined, () => {});
  return undefined;
}
