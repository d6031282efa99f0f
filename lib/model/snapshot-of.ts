import type { Exemplar } from './exemplar.js';
import type { FamilySnapshot, Sample } from './family.js';
import { type FamilySource, GroupReading, type LiveFamily } from './live-family.js';
import { type RowRange, readSeries } from './read-series.js';

/**
 * Options of a snapshot. Without a range, a merged family is prepared first; with one, the caller must have prepared
 * it.
 */
export interface SnapshotOptions extends RowRange {
  /** Whether samples carry the time at which their series began. Default: false. */
  readonly created?: boolean;
}

/** The samples of a family at this moment, as objects. The options apply to live families only. */
export function snapshotOf(family: FamilySource, options: SnapshotOptions = {}): FamilySnapshot {
  return family.kind === 'live' ? readSnapshot(family, options) : family.snapshot();
}

function readSnapshot(family: LiveFamily, { created = false, ...rows }: SnapshotOptions): FamilySnapshot {
  const { name, type, help, unit, shape } = family;
  const reading = new GroupReading(true);
  const samples: Sample[] = [];
  const take = (row: number, labelValues: readonly string[], at: number): void => {
    const labels = labelsOf(family.labelNames, labelValues);
    const since = created ? { created: family.createdAt(row) } : undefined;
    for (let line = 0; line < shape.length; line++) {
      samples.push(sampleOf(name, labels, shape[line], reading.values[at + line], family.exemplar(row, line), since));
    }
    // The last line of a histogram is its count.
    if (reading.readNative !== undefined) {
      samples.push({ ...(samples.pop() as Sample), native: reading.readNative(row).toHistogram() });
    }
  };
  readSeries(family, reading, take, rows.from === undefined && rows.to === undefined ? undefined : rows);
  return { name, type, help, unit, samples };
}

function sampleOf(
  name: string,
  labels: Record<string, string>,
  { suffix, label }: LiveFamily['shape'][number],
  value: number,
  exemplar: Exemplar | undefined,
  since: Pick<Sample, 'created'> | undefined,
): Sample {
  const all = label === undefined ? labels : { ...labels, [label[0]]: label[1] };
  return { name: name + suffix, labels: all, value, ...(exemplar && { exemplar }), ...since };
}

function labelsOf(names: readonly string[], values: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  names.forEach((name, i) => {
    // An empty label is the same as none, and is not printed.
    if (values[i] !== '') labels[name] = values[i];
  });
  return labels;
}
