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
 * The values of several sources by their series: values with the same name and the same labels, in any order, are in one
 * group. Groups are in the order of their first value.
 */
export function groupBySeries<V extends { readonly labels: Readonly<Record<string, unknown>> }>(
  values: readonly V[],
  nameOf: (value: V) => string | undefined,
): V[][] {
  const groups = new Map<string, V[]>();
  for (const value of values) {
    const key = JSON.stringify([nameOf(value), Object.entries(value.labels ?? {}).sort(byName)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return [...groups.values()];
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
