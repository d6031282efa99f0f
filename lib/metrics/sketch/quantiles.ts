import type { Sketch } from './sketch.js';

/**
 * The value of each rank (0 to 1) of all observations in some sketches, NaN where there are none; exact as long as all
 * of them have few.
 */
export function quantilesOf(all: readonly Sketch[], ranks: readonly number[]): number[] {
  const sketches = all.filter((sketch) => sketch.count > 0);
  const exact = sketches.map((sketch) => sketch.exactValues());
  const counts = new Map<number, number>();
  if (exact.every((values): values is readonly number[] => values !== undefined)) {
    for (const value of exact.flat()) counts.set(value, (counts.get(value) ?? 0) + 1);
  } else for (const sketch of sketches) sketch.addTo(counts);
  return atRanks(counts, ranks);
}

/** Nearest rank: the least value that at least `rank` of all observations do not exceed. */
function atRanks(counts: ReadonlyMap<number, number>, ranks: readonly number[]): number[] {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  return ranks.map((rank) => {
    // 0.07 of 100 is a bit more than 7 in floating point, and must not become the eighth value.
    const wanted = Math.max(1, Math.ceil(rank * total * (1 - Number.EPSILON)));
    let seen = 0;
    for (const [value, count] of sorted) {
      seen += count;
      if (seen >= wanted) return value;
    }
    return Number.NaN;
  });
}
