import type { Exemplar } from '../../model/exemplar.js';

/** Maximum number of exemplars per series. */
const MAX_EXEMPLARS = 10;
/** From this age on, in milliseconds, the oldest exemplar is replaced first. */
const LIFETIME_MS = 5 * 60_000;

/**
 * Returns the exemplars of a native histogram with a new one, by rising value, chosen as in the Go client: when the list
 * is full, the oldest is replaced if it is older than five minutes; otherwise the older one of the two (including the
 * new one) that are closest on a logarithmic scale, so that the values stay spread.
 */
export function withNewExemplar(list: readonly Exemplar[], exemplar: Exemplar): readonly Exemplar[] {
  const at = insertionIndexOf(exemplar, list);
  const dropped = list.length < MAX_EXEMPLARS ? undefined : replacedIn(list, exemplar, at);
  const before = list.slice(0, at).filter((_, i) => i !== dropped);
  const after = list.slice(at).filter((_, i) => i + at !== dropped);
  return [...before, exemplar, ...after];
}

function replacedIn(list: readonly Exemplar[], exemplar: Exemplar, at: number): number {
  const oldest = indexOfOldest(list);
  if (timeOf(exemplar) - timeOf(list[oldest]) > LIFETIME_MS) return oldest;
  let { least, replaced } = closestPair(list);
  for (const neighbor of [at - 1, at]) {
    const other = list[neighbor];
    if (other === undefined) continue;
    const distance = distanceOf(exemplar, other);
    if (!(distance < least)) continue;
    least = distance;
    replaced = neighbor;
  }
  return replaced;
}

/**
 * Where an exemplar is inserted in the order of values: before equal ones if the list is full, otherwise after them.
 */
function insertionIndexOf({ value }: Exemplar, list: readonly Exemplar[]): number {
  const full = list.length === MAX_EXEMPLARS;
  const index = list.findIndex((other) => (full ? value <= other.value : value < other.value));
  return index < 0 ? list.length : index;
}

function indexOfOldest(list: readonly Exemplar[]): number {
  let oldest = 0;
  for (let i = 1; i < list.length; i++) if (timeOf(list[i]) < timeOf(list[oldest])) oldest = i;
  return oldest;
}

/** The least distance between neighbors, and the older of the two. */
function closestPair(list: readonly Exemplar[]): { least: number; replaced: number } {
  let least = -1;
  let replaced = -1;
  for (let i = 1; i < list.length; i++) {
    const distance = distanceOf(list[i - 1], list[i]);
    if (least !== -1 && !(distance < least)) continue;
    least = distance;
    replaced = timeOf(list[i]) < timeOf(list[i - 1]) ? i : i - 1;
  }
  return { least, replaced };
}

/** NaN if a value is negative: such a pair never counts as close. */
function distanceOf(a: Exemplar, b: Exemplar): number {
  return Math.abs(Math.log(a.value) - Math.log(b.value));
}

function timeOf({ timestamp = 0 }: Exemplar): number {
  return timestamp;
}
