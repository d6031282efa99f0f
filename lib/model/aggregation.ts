/** How the values that several sources have for one series are combined. */
export type Aggregation = 'sum' | 'min' | 'max' | 'first' | 'average' | 'mostrecent' | 'omit';

/** prom-client's aggregators. */
export const AGGREGATORS = ['omit', 'sum', 'first', 'min', 'max', 'average'] as const satisfies readonly Aggregation[];

/** Combines the values of two sources, in the order of the sources. */
export type Combine = (a: number, b: number) => number;

export const sum: Combine = (a, b) => a + b;
const first: Combine = (a) => a;

/**
 * Each aggregation as a function of two values. For `average` it is the sum, which the caller divides by the number of
 * values; for `mostrecent` it is the first value, so the caller orders the sources by time.
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
 * The quantile of several sources if all have the same one, else undefined, because quantiles cannot be merged. Sources
 * without observations, whose quantile is NaN (null after a trip through JSON), are ignored; if there are no others,
 * the result is NaN.
 */
export function commonQuantile<V extends { readonly value: number }>(quantiles: readonly V[]): V | undefined {
  const observed = quantiles.filter(({ value }) => value !== null && !Number.isNaN(value));
  if (observed.some(({ value }) => value !== observed[0].value)) return undefined;
  return observed[0] ?? { ...quantiles[0], value: Number.NaN };
}

/**
 * Groups the values of several sources by series, that is by name and labels; the order of labels does not matter.
 * Groups are in the order of their first value.
 */
export function groupBySeries<V extends { readonly labels: Readonly<Record<string, unknown>> }>(
  values: readonly V[],
  nameOf: (value: V) => string | undefined,
): V[][] {
  const groups: V[][] = [];
  const roots = new Map<string, Level<V>>();
  const nameSets: NameSet<V>[] = [];
  let nameSet: NameSet<V> | undefined;
  for (const value of values) {
    const labels = value.labels ?? NO_LABELS;
    if (nameSet === undefined || !hasNames(labels, nameSet.names)) {
      nameSet = nameSets.find(({ names }) => hasNames(labels, names)) ?? nameSetOf(labels, roots);
      if (!nameSets.includes(nameSet)) nameSets.push(nameSet);
    }
    const { sorted, root } = nameSet;
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

/**
 * A trie over the name of a series and its label values, which saves building key strings. The last level holds the
 * groups.
 */
type Level<V> = Map<unknown, Level<V> | V[]>;

/** Shared by all values with the same label names. There are few of these, such as one for buckets and one for sums. */
interface NameSet<V> {
  /** In the order of the values' own properties. */
  readonly names: readonly string[];
  readonly sorted: readonly string[];
  readonly root: Level<V>;
}

function nameSetOf<V>(labels: object, roots: Map<string, Level<V>>): NameSet<V> {
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
