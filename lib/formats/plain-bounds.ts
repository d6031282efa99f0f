import type { FamilySnapshot } from '../model/family.js';
import { isStepLabel } from '../model/family-types.js';
import type { LiveFamily, SampleShape } from '../model/live-family.js';
import type { Format } from './format.js';
import { text } from './line-format.js';

/**
 * Text 0.0.4 with bounds and ranks as JavaScript prints numbers, `le="1"`, which is what prom-client writes. There is no
 * such form of OpenMetrics, which requires `le="1.0"`.
 */
export const plainText: Format = {
  ...text,
  prepare: (family, variant) => text.prepare(withPlainBounds(family), variant),
  write: (family, variant) => text.write(inPlainBounds(family), variant),
};

function plain(label: string, value: string): string {
  return isStepLabel(label) && value !== '' && Number.isFinite(Number(value)) ? String(Number(value)) : value;
}

function inPlainBounds(family: FamilySnapshot): FamilySnapshot {
  const samples = family.samples.map((sample) => ({
    ...sample,
    labels: Object.fromEntries(Object.entries(sample.labels).map(([label, value]) => [label, plain(label, value)])),
  }));
  return { ...family, samples };
}

/** The same family with other labels on its lines; everything else is asked of the family itself. */
function withPlainBounds(family: LiveFamily): LiveFamily {
  const shape = family.shape.map(
    ({ suffix, label }): SampleShape =>
      label === undefined ? { suffix } : { suffix, label: [label[0], plain(label[0], label[1])] },
  );
  const { kind, name, type, help, unit, labelNames, groupRows } = family;
  return {
    ...{ kind, name, type, help, unit, labelNames, groupRows, shape },
    get rowCount() {
      return family.rowCount;
    },
    get revision() {
      return family.revision;
    },
    groupVersion: (group) => family.groupVersion(group),
    readGroup: (group, into) => family.readGroup(group, into),
    labelValues: (row) => family.labelValues(row),
    exemplar: (row, line) => family.exemplar(row, line),
    createdAt: (row) => family.createdAt(row),
    ...(family.sync !== undefined && { sync: () => family.sync?.() }),
    ...(family.prepare !== undefined && { prepare: (withNative) => family.prepare?.(withNative) ?? [] }),
  };
}
