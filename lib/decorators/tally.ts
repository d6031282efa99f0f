/** How the values of several instances become one. */
export type InstanceMerge = 'sum' | 'min' | 'max' | 'average';

/** What one instance said; without labels where it said nothing. */
interface Entry {
  values: readonly string[] | undefined;
  value: number;
}

/** What all instances said at one scrape, by label values. */
export class Tally {
  private readonly all: Entry[] = [];

  constructor(private readonly merge: InstanceMerge | undefined) {}

  /** A place for one instance, in the order of their age. */
  open(): Entry {
    const entry: Entry = { values: undefined, value: Number.NaN };
    this.all.push(entry);
    return entry;
  }

  /** Whether instances have the same labels and nobody has said how they add up. */
  get clashes(): boolean {
    return this.merge === undefined && [...this.groups().values()].some((entries) => entries.length > 1);
  }

  /** One value for each combination of label values. */
  entries(): (readonly [values: readonly string[], value: number])[] {
    return [...this.groups().values()].map((entries) => [entries[0].values, mergeOf(this.merge, entries)] as const);
  }

  /** The label values that another tally no longer has. */
  without(other: Tally): (readonly string[])[] {
    const there = other.groups();
    return [...this.groups()].flatMap(([key, [{ values }]]) => (there.has(key) ? [] : [values]));
  }

  private groups(): Map<string, Said[]> {
    const groups = new Map<string, Said[]>();
    for (const { values, value } of this.all) {
      if (values === undefined) continue;
      const key = JSON.stringify(values);
      groups.set(key, [...(groups.get(key) ?? []), { values, value }]);
    }
    return groups;
  }
}

interface Said {
  readonly values: readonly string[];
  readonly value: number;
}

function mergeOf(merge: InstanceMerge | undefined, entries: readonly Said[]): number {
  const values = entries.map(({ value }) => value);
  if (merge === undefined) return values[values.length - 1];
  const extreme = merge === 'min' ? Math.min : Math.max;
  if (merge === 'min' || merge === 'max') return values.reduce((a, b) => extreme(a, b));
  const sum = values.reduce((a, b) => a + b, 0);
  return merge === 'average' ? sum / values.length : sum;
}
