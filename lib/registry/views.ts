import type { LabelPairs } from '../formats/line.js';
import type { Registrable } from '../metrics/metric-registry.js';
import type { FamilySnapshot } from '../model/family.js';
import type { LiveFamily } from '../model/live-family.js';

/** A snapshot under the registry's prefix and with its default labels. */
export function dressed(family: FamilySnapshot, prefix: string, defaults: LabelPairs): FamilySnapshot {
  if (prefix === '' && defaults.length === 0) return family;
  const common = Object.fromEntries(defaults);
  const samples = family.samples.map((sample) => ({
    ...sample,
    name: prefix + sample.name,
    labels: { ...common, ...sample.labels },
  }));
  return { ...family, name: prefix + family.name, samples };
}

/** A family without the times of its samples; only snapshots have any. */
export function timeless<F extends Registrable | FamilySnapshot>(family: F): F {
  if (!('samples' in family)) return family;
  return { ...family, samples: family.samples.map(({ timestamp: _, ...sample }) => sample) };
}

/** Whether a family, or one of its samples, is called by one of the names; no names means every family. */
export function matches(
  family: Registrable | LiveFamily | FamilySnapshot,
  names: readonly string[],
  prefix: string,
): boolean {
  if (names.length === 0) return true;
  const name = prefix + family.name;
  const own = new Set([name, name.replace(/_total$/, '')]);
  if ('shape' in family) for (const { suffix } of family.shape) own.add(name + suffix);
  else if ('samples' in family) for (const sample of family.samples) own.add(prefix + sample.name);
  else own.add(`${name}_info`);
  return names.some((wanted) => own.has(wanted));
}
