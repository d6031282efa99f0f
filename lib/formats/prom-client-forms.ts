import type { FamilySnapshot } from '../model/family.js';
import { isStepLabel, TYPE_RULES } from '../model/family-types.js';
import type { LiveFamily, SampleShape } from '../model/live-family.js';
import type { Format } from './format.js';
import { lineFormat, text } from './line-format.js';
import { openMetrics, openMetricsDialect } from './openmetrics.js';

/**
 * Text 0.0.4 with bounds and ranks as JavaScript prints numbers, `le="1"`, which is what prom-client writes. There is no
 * such form of OpenMetrics, which requires `le="1.0"`.
 */
export const plainText: Format = {
  ...text,
  form: 'plain bounds',
  prepare: (family, variant) => text.prepare(shownAs(family, { shape: plainShape(family) }), variant),
  write: (family, variant, source) => text.write(inPlainBounds(family), variant, source),
};

const helpFirst = lineFormat(
  {
    ...openMetricsDialect,
    header(head, escaping) {
      const [type, ...others] = openMetricsDialect.header(head, escaping).trimEnd().split('\n');
      return `${[others.pop(), type, ...others].join('\n')}\n`;
    },
  },
  openMetrics.contentType,
  openMetrics.end,
);

/**
 * OpenMetrics 1.0 as prom-client's `metrics()` writes it: HELP precedes TYPE, and a counter without the suffix `_total` gets
 * it, so that its series keep the name under which Prometheus has stored them.
 */
export const openMetricsOfPromClient: Format = {
  ...helpFirst,
  form: 'prom-client',
  prepare: (family, variant) => helpFirst.prepare(shownAs(family, { name: withEnd(family) }), variant),
  write(family, variant, source) {
    const name = withEnd(family);
    if (name === family.name) return helpFirst.write(family, variant, source);
    const samples = family.samples.map((sample) => (sample.name === family.name ? { ...sample, name } : sample));
    return helpFirst.write({ ...family, name, samples }, variant, source);
  },
};

/** The name of a family with the suffix that OpenMetrics requires of its type. */
function withEnd({ name, type }: LiveFamily | FamilySnapshot): string {
  const { requiredEnd } = TYPE_RULES[type];
  return name.endsWith(requiredEnd) ? name : name + requiredEnd;
}

function plain(label: string, value: string): string {
  return isStepLabel(label) && value !== '' && Number.isFinite(Number(value)) ? String(Number(value)) : value;
}

function plainShape({ shape }: LiveFamily): SampleShape[] {
  return shape.map(({ suffix, label }) => {
    return label === undefined ? { suffix } : { suffix, label: [label[0], plain(label[0], label[1])] };
  });
}

function inPlainBounds(family: FamilySnapshot): FamilySnapshot {
  const samples = family.samples.map((sample) => ({
    ...sample,
    labels: Object.fromEntries(Object.entries(sample.labels).map(([label, value]) => [label, plain(label, value)])),
  }));
  return { ...family, samples };
}

/** The same family under another name or with other lines; everything else is asked of the family itself. */
function shownAs(family: LiveFamily, shown: Partial<Pick<LiveFamily, 'name' | 'shape'>>): LiveFamily {
  const { kind, name, type, help, unit, labelNames, groupRows, shape } = family;
  return {
    ...{ kind, name, type, help, unit, labelNames, groupRows, shape, ...shown },
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
