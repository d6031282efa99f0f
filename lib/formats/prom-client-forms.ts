import type { FamilySnapshot } from '../model/family.js';
import { isStepLabel, TYPE_RULES } from '../model/family-types.js';
import { type LiveFamily, type SampleShape, shownAs } from '../model/live-family.js';
import type { Format } from './format.js';
import { lineFormat, text, textDialect } from './line-format.js';
import { openMetrics, openMetricsDialect, withDistinctNames } from './openmetrics.js';

const stepFirst = lineFormat({ ...textDialect, isStepFirst: true }, text.contentType, text.end);

/**
 * Text 0.0.4 as prom-client lays it out: bounds and ranks as JavaScript prints numbers, `le="1"`, before the other labels,
 * and blank lines between families. There is no such form of OpenMetrics, which requires `le="1.0"`.
 */
export const plainText: Format = {
  ...stepFirst,
  form: 'plain bounds',
  between: '\n',
  prepare: (family, variant) => stepFirst.prepare(shownAs(family, { shape: plainShape(family) }), variant),
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
  prepare: (family, variant) => helpFirst.prepare(shownAs(family, { name: withEnd(family) }), variant),
  write: (family, variant, source) => helpFirst.write(withEndInSamples(family), variant, source),
};

const bareHeader = lineFormat(
  {
    ...textDialect,
    header(head, escaping) {
      const { requiredEnd } = TYPE_RULES[head.type];
      return textDialect.header({ ...head, name: head.name.slice(0, -requiredEnd.length) }, escaping);
    },
  },
  text.contentType,
  openMetrics.end,
);

/**
 * What a Pushgateway is sent of a registry in OpenMetrics. It reads text 0.0.4 only, so this is text with the series of
 * OpenMetrics, as prom-client pushes it: a counter `jobs` pushes `jobs_total`, under the header of `jobs`. A counter whose
 * name ends in `_total` keeps its type, and there are no exemplars, on which the gateway would refuse the page.
 */
export const openMetricsForGateways: Format = {
  ...bareHeader,
  form: 'gateway',
  prepare(family, variant) {
    const name = withEnd(family);
    if (name === family.name) return text.prepare(family, variant);
    return bareHeader.prepare(shownAs(family, { name }), variant);
  },
  write(family, variant, source) {
    const ended = withEndInSamples(family);
    return (ended === family ? text : bareHeader).write(ended, variant, source);
  },
};

/** The name of a family with the suffix that OpenMetrics requires of its type. */
function withEnd({ name, type }: LiveFamily | FamilySnapshot): string {
  const { requiredEnd } = TYPE_RULES[type];
  return name.endsWith(requiredEnd) ? name : name + requiredEnd;
}

/** The family under the name with that suffix; itself if it has it. */
function withEndInSamples(family: FamilySnapshot): FamilySnapshot {
  const name = withEnd(family);
  if (name === family.name) return family;
  const samples = family.samples.map((sample) => (sample.name === family.name ? { ...sample, name } : sample));
  return { ...family, name, samples };
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
    labels: Object.fromEntries(
      Object.entries(sample.labels)
        .map(([label, value]) => [label, plain(label, value)] as const)
        .sort(([one], [other]) => Number(isStepLabel(other)) - Number(isStepLabel(one))),
    ),
  }));
  return { ...family, samples };
}
