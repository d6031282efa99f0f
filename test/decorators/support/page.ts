import { type Registry, register } from 'promark';

/** The samples of a registry at one moment. */
export interface Page {
  /** The value of the one sample with this name and exactly these labels; undefined where there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
  /** The label sets of all samples of a name, with their values. */
  series(name: string): { labels: Record<string, string>; value: number }[];
}

export async function page(registry: Registry = register): Promise<Page> {
  const samples = (await registry.gather()).flatMap((family) => family.samples);
  const series = (name: string) =>
    samples.filter((sample) => sample.name === name).map(({ labels, value }) => ({ labels: { ...labels }, value }));
  return {
    series,
    value(name, labels = {}) {
      const wanted = Object.entries(labels);
      const found = series(name).filter(
        (one) => Object.keys(one.labels).length === wanted.length && wanted.every(([k, v]) => one.labels[k] === v),
      );
      return found[0]?.value;
    },
  };
}

async function allFaults(registry: Registry): Promise<number> {
  const { series } = await page(registry);
  return series('promark_instrumentation_errors_total').reduce((sum, { value }) => sum + value, 0);
}

let before = 0;

/** From here on `faults` counts those of the default registry: clearing a registry does not forget its faults. */
export async function markFaults(): Promise<void> {
  before = await allFaults(register);
}

/** How many faults in measuring a registry has counted during the test, in all places together. */
export async function faults(registry: Registry = register): Promise<number> {
  return (await allFaults(registry)) - (registry === register ? before : 0);
}

/** Counts of `method_calls_total` by result, for one method. */
export async function calls(method: string, registry: Registry = register): Promise<Record<string, number>> {
  const { series } = await page(registry);
  const counts: Record<string, number> = {};
  for (const { labels, value } of series('method_calls_total')) {
    if (labels.method === method && value > 0) counts[labels.result] = (counts[labels.result] ?? 0) + value;
  }
  return counts;
}
