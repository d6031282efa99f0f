/** A way to make one value of those that several sources have of a series. */
export type Aggregation = 'sum' | 'min' | 'max' | 'first' | 'average' | 'mostrecent' | 'omit';

/** Makes one value of those of two sources, in their order. */
export type Combine = (a: number, b: number) => number;

export const sum: Combine = (a, b) => a + b;
const first: Combine = (a) => a;

/**
 * Each way as a step from two values to one. An average is a sum that its user divides by the number of values, and the
 * most recent value is the first one of sources that are ordered by time.
 */
export const COMBINES: Readonly<Record<Aggregation, Combine>> = {
  sum,
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  first,
  average: sum,
  mostrecent: first,
  omit: first,
};

/**
 * The quantile of the observations of several sources. It lies between theirs and cannot be told from them unless they are the
 * same; otherwise undefined. NaN, which is null after a trip through JSON, is that of a source without observations.
 */
export function commonQuantile<V extends { readonly value: number }>(quantiles: readonly V[]): V | undefined {
  const observed = quantiles.filter(({ value }) => value !== null && !Number.isNaN(value));
  if (observed.some(({ value }) => value !== observed[0].value)) return undefined;
  return observed[0] ?? { ...quantiles[0], value: Number.NaN };
}

/**
 * The values of several sources by their series: values with the same name and the same labels, in any order, are in one
 * group. Groups are in the order of their first value.
 */
export function groupBySeries<V extends { readonly labels: Readonly<Record<string, unknown>> }>(
  values: readonly V[],
  nameOf: (value: V) => string | undefined,
): V[][] {
  const groups: V[][] = [];
  const roots = new Map<string, Level<V>>();
  const shapes: Shape<V>[] = [];
  let shape: Shape<V> | undefined;
  for (const value of values) {
    const labels = value.labels ?? NO_LABELS;
    if (shape === undefined || !hasNames(labels, shape.names)) {
      shape = shapes.find(({ names }) => hasNames(labels, names)) ?? shapeOf(labels, roots);
      if (!shapes.includes(shape)) shapes.push(shape);
    }
    const { sorted, root } = shape;
    let level = root;
    let key: unknown = nameOf(value);
    for (const label of sorted) {
      let below = level.get(key) as Level<V> | undefined;
      if (below === undefined) {
        below = new Map();
        level.set(key, below);
      }
      level = below;
      key = labels[label];
    }
    const group = level.get(key) as V[] | undefined;
    if (group === undefined) {
      const first = [value];
      level.set(key, first);
      groups.push(first);
    } else group.push(value);
  }
  return groups;
}

const NO_LABELS: Readonly<Record<string, unknown>> = {};

/** By the name of a series and its label values in turn, so that no text has to be built; the last level has the groups. */
type Level<V> = Map<unknown, Level<V> | V[]>;

/** What values with the same label names have in common: there are few, such as those of buckets and of a sum. */
interface Shape<V> {
  /** In the order of the labels. */
  readonly names: readonly string[];
  readonly sorted: readonly string[];
  readonly root: Level<V>;
}

function shapeOf<V>(labels: object, roots: Map<string, Level<V>>): Shape<V> {
  const names = Object.keys(labels);
  const sorted = [...names].sort();
  const key = JSON.stringify(sorted);
  const root = roots.get(key) ?? new Map();
  roots.set(key, root);
  return { names, sorted, root };
}

/** Whether an object has these keys in this order, and no others. */
function hasNames(labels: Readonly<Record<string, unknown>>, names: readonly string[]): boolean {
  let count = 0;
  for (const label in labels) {
    if (label !== names[count]) return false;
    count += 1;
  }
  return count === names.length;
}
