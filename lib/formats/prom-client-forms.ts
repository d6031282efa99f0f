import type { FamilySnapshot } from '../model/family.js';
import { isReservedLabel, TYPE_RULES } from '../model/family-types.js';
import { type LiveFamily, type SampleShape, withOverrides } from '../model/live-family.js';
import type { Format } from './format.js';
import { lineFormat, text, textDialect } from './line-format.js';
import { openMetrics, openMetricsDialect, withDistinctNames } from './openmetrics.js';

const stepFirst = lineFormat({ ...textDialect, isStepFirst: true }, text.contentType, text.end);

/**
 * Text 0.0.4 in prom-client's style: bounds and ranks as JavaScript prints numbers, `le="1"`, before the other labels,
 * and blank lines between families. OpenMetrics has no such form, because it requires `le="1.0"`.
 */
export const plainText: Format = {
  ...stepFirst,
  form: 'plain bounds',
  between: '\n',
  prepare: (family, variant) => stepFirst.prepare(withOverrides(family, { shape: plainShape(family) }), variant),
  write: (family, variant, source) => stepFirst.write(inPlainBounds(family), variant, source),
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
  withDistinctNames,
  form: 'prom-client',
  prepare: (family, variant) => helpFirst.prepare(withOverrides(family, { name: withRequiredSuffix(family) }), variant),
  write: (family, variant, source) => helpFirst.write(withSuffixInSamples(family), variant, source),
};

const headerWithoutSuffix = lineFormat(
  {
    ...textDialect,
    header(head, escaping) {
      const { requiredSuffix } = TYPE_RULES[head.type];
      return textDialect.header({ ...head, name: head.name.slice(0, -requiredSuffix.length) }, escaping);
    },
  },
  text.contentType,
  openMetrics.end,
);

/**
 * The page that a registry in OpenMetrics pushes to a Pushgateway. Gateways read text 0.0.4 only, so this is text with
 * the series names of OpenMetrics, as pushed by prom-client: a counter `jobs` becomes the series `jobs_total`, under
 * the header of `jobs`. A counter whose name ends in `_total` keeps its type. Exemplars are left out, because the
 * gateway would refuse the page.
 */
export const openMetricsForGateways: Format = {
  ...headerWithoutSuffix,
  form: 'gateway',
  prepare(family, variant) {
    const name = withRequiredSuffix(family);
    if (name === family.name) return text.prepare(family, variant);
    return headerWithoutSuffix.prepare(withOverrides(family, { name }), variant);
  },
  write(family, variant, source) {
    const suffixed = withSuffixInSamples(family);
    return (suffixed === family ? text : headerWithoutSuffix).write(suffixed, variant, source);
  },
};

/** Returns the name of a family with the suffix that OpenMetrics requires for its type. */
function withRequiredSuffix({ name, type }: LiveFamily | FamilySnapshot): string {
  const { requiredSuffix } = TYPE_RULES[type];
  return name.endsWith(requiredSuffix) ? name : name + requiredSuffix;
}

/** Returns the family with that suffix in its name and samples; the family itself if its name has it. */
function withSuffixInSamples(family: FamilySnapshot): FamilySnapshot {
  const name = withRequiredSuffix(family);
  if (name === family.name) return family;
  const samples = family.samples.map((sample) => (sample.name === family.name ? { ...sample, name } : sample));
  return { ...family, name, samples };
}

function plain(label: string, value: string): string {
  return isReservedLabel(label) && value !== '' && Number.isFinite(Number(value)) ? String(Number(value)) : value;
}

function plainShape({ shape }: LiveFamily): SampleShape[] {
  return shape.map(({ suffix, label }) => {
    return label === undefined ? { suffix } : { suffix, label: [label[0], plain(label[0], label[1])] };
  });
}

function inPlainBounds(family: FamilySnapshot): FamilySnapshot {
  const samples = family.samples.map((sample) => ({
    ...sample,
    labels: Object.fromEntries(
      Object.entries(sample.labels)
        .map(([label, value]) => [label, plain(label, value)] as const)
        .sort(([one], [other]) => Number(isReservedLabel(other)) - Number(isReservedLabel(one))),
    ),
  }));
  return { ...family, samples };
}
