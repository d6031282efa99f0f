import type { Exemplar } from '../../model/exemplar.js';

/** The most exemplars of one series. */
const MOST = 10;
/** From this age on, in milliseconds, the oldest one makes place for a new one. */
const LIFETIME_MS = 5 * 60_000;

/**
 * Returns the exemplars of a native histogram with a new one, by rising value, chosen as the Go client does: when there is
 * no place left, the oldest goes if it is older than five minutes; else the older one of the two that are closest on a
 * logarithmic scale, the new one among them, so that the values stay spread.
 */
export function withNewExemplar(list: readonly Exemplar[], exemplar: Exemplar): readonly Exemplar[] {
  const at = placeOf(exemplar, list);
  const gone = list.length < MOST ? undefined : victimIn(list, exemplar, at);
  const before = list.slice(0, at).filter((_, i) => i !== gone);
  const after = list.slice(at).filter((_, i) => i + at !== gone);
  return [...before, exemplar, ...after];
}

function victimIn(list: readonly Exemplar[], exemplar: Exemplar, at: number): number {
  const oldest = indexOfOldest(list);
  if (timeOf(exemplar) - timeOf(list[oldest]) > LIFETIME_MS) return oldest;
  let { least, victim } = closestPair(list);
  for (const neighbour of [at - 1, at]) {
    const other = list[neighbour];
    if (other === undefined) continue;
    const distance = distanceOf(exemplar, other);
    if (!(distance < least)) continue;
    least = distance;
    victim = neighbour;
  }
  return victim;
}

/** An exemplar's position in the order of values: before those that are not less, while there is room after them. */
function placeOf({ value }: Exemplar, list: readonly Exemplar[]): number {
  const full = list.length === MOST;
  const place = list.findIndex((other) => (full ? value <= other.value : value < other.value));
  return place < 0 ? list.length : place;
}

function indexOfOldest(list: readonly Exemplar[]): number {
  let oldest = 0;
  for (let i = 1; i < list.length; i++) if (timeOf(list[i]) < timeOf(list[oldest])) oldest = i;
  return oldest;
}

/** The least distance between neighbours, and the older of the two. */
function closestPair(list: readonly Exemplar[]): { least: number; victim: number } {
  let least = -1;
  let victim = -1;
  for (let i = 1; i < list.length; i++) {
    const distance = distanceOf(list[i - 1], list[i]);
    if (least !== -1 && !(distance < least)) continue;
    least = distance;
    victim = timeOf(list[i]) < timeOf(list[i - 1]) ? i : i - 1;
  }
  return { least, victim };
}

/** NaN where a value is negative: such a pair never counts as close. */
function distanceOf(a: Exemplar, b: Exemplar): number {
  return Math.abs(Math.log(a.value) - Math.log(b.value));
}

function timeOf({ timestamp = 0 }: Exemplar): number {
  return timestamp;
}
