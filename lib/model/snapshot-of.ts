import type { Exemplar } from './exemplar.js';
import type { FamilySnapshot, Sample } from './family.js';
import type { FamilySource, LiveFamily } from './live-family.js';
import { NativeReading } from './native-histogram.js';

/** Options of a snapshot. */
export interface SnapshotOptions {
  /** Whether samples carry the time at which their series began. Default: false. */
  readonly created?: boolean;
  /** The first row to read. Default: 0. */
  readonly from?: number;
  /** The row to stop before. Default: the end. */
  readonly to?: number;
}

/** The samples of a family at this moment, as objects. The options apply to live families only. */
export function snapshotOf(family: FamilySource, options: SnapshotOptions = {}): FamilySnapshot {
  return family.kind === 'live' ? readSnapshot(family, options) : family.snapshot();
}

function readSnapshot(family: LiveFamily, options: SnapshotOptions): FamilySnapshot {
  const { name, type, help, unit, shape, groupRows } = family;
  const { created = false, from: first = 0, to: end = family.rowCount } = options;
  const values = new Float64Array(groupRows * shape.length);
  const native = new NativeReading();
  const samples: Sample[] = [];
  for (let from = first; from < end; from += groupRows) {
    const to = Math.min(from + groupRows, end);
    family.readValues(from, to, values);
    let at = 0;
    for (let row = from; row < to; row++) {
      const labelValues = family.labelValues(row);
      if (labelValues === undefined) continue;
      const labels = labelsOf(family.labelNames, labelValues);
      const since = created ? { created: family.createdAt(row) } : undefined;
      for (let line = 0; line < shape.length; line++) {
        samples.push(sampleOf(name, labels, shape[line], values[at++], family.exemplar(row, line), since));
      }
      // The last line of a histogram is its count.
      if (family.readNative !== undefined) {
        family.readNative(row, native);
        samples.push({ ...(samples.pop() as Sample), native: native.toHistogram() });
      }
    }
  }
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
  const own = label === undefined ? labels : { ...labels, [label[0]]: label[1] };
  return { name: name + suffix, labels: own, value, ...(exemplar && { exemplar }), ...since };
}

function labelsOf(names: readonly string[], values: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  names.forEach((name, i) => {
    // An empty label is the same as none, and is not printed.
    if (values[i] !== '') labels[name] = values[i];
  });
  return labels;
}
