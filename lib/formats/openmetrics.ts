import { OPEN_METRICS_TYPE } from '../model/content-types.js';
import type { Exemplar } from '../model/exemplar.js';
import type { FamilyHead } from '../model/family.js';
import { type FamilyType, TYPE_RULES, type TypeRules } from '../model/family-types.js';
import { type FamilySource, type SampleShape, snapshotSource, withOverrides } from '../model/live-family.js';
import type { Dialect, Format } from './format.js';
import { type Escaping, escapeMetricName, escapeQuoted, formatLabels, nameInHeader } from './format.js';
import { lineFormat } from './line-format.js';
import { numberText } from './write-number.js';

/** How OpenMetrics 1.0 differs from text 0.0.4. */
export const openMetricsDialect: Dialect = {
  isComplete: false,
  header(head: FamilyHead, escaping: Escaping): string {
    const base = familyName(head, escaping);
    const name = nameInHeader(base, 'allow-utf-8');
    const unit = hasUnit(head, base) ? `# UNIT ${name} ${head.unit}\n` : '';
    return `# TYPE ${name} ${typeOf(head)}\n${unit}# HELP ${name} ${escapeQuoted(head.help)}\n`;
  },
  // Section Histogram: if buckets may hold negative values, the sum can decrease, so it and the count must be left out.
  shows({ suffix }: SampleShape, lines: readonly SampleShape[]): boolean {
    if (suffix !== '_sum' && suffix !== '_count') return true;
    return !lines.some(({ label }) => label?.[0] === 'le' && label[1].startsWith('-'));
  },
  // Sections Histogram and Summary: sums must not be negative or NaN, nor quantiles negative.
  forbids({ lines }: TypeRules, suffix: string, value: number): boolean {
    if (lines === 'value') return false;
    if (suffix === '_sum') return !(value >= 0);
    return lines === 'quantiles' && suffix === '' && value < 0;
  },
  allows: () => true,
  exemplar(head: FamilyHead, suffix: string, { labels, value, timestamp }: Exemplar, escaping: Escaping): string {
    // No bucket holds NaN.
    if (suffix !== TYPE_RULES[typeOf(head)].exemplarSuffix || Number.isNaN(value)) return '';
    const time = timestamp === undefined ? '' : ` ${timestamp / 1000}`;
    return ` # {${formatLabels(Object.entries(labels), escaping)}} ${numberText(value)}${time}`;
  },
  timestamp: (milliseconds) => String(milliseconds / 1000),
  createdName(head: FamilyHead): string | undefined {
    const { cumulative, requiredSuffix } = TYPE_RULES[typeOf(head)];
    return cumulative ? `${withoutSuffix(head.name, requiredSuffix)}_created` : undefined;
  },
};

/** OpenMetrics 1.0.0. */
export const openMetrics: Format = {
  ...lineFormat(openMetricsDialect, OPEN_METRICS_TYPE, '# EOF\n'),
  withDistinctNames,
};

/**
 * Section MetricFamily: family names must be unique, but a counter `jobs_total` and a gauge `jobs` have the same one
 * here. Such a counter is exposed as unknown under its full name, which leaves its series unchanged.
 */
export function withDistinctNames(families: readonly FamilySource[]): readonly FamilySource[] {
  const names = new Set(families.map(({ name }) => name));
  return families.map((family) => {
    const { requiredSuffix } = TYPE_RULES[family.type];
    const isTaken =
      requiredSuffix !== '' && typeOf(family) === family.type && names.has(withoutSuffix(family.name, requiredSuffix));
    return isTaken ? asUnknown(family) : family;
  });
}

/** The same objects are used for every page, so that their prepared bytes are found again. */
const unknowns = new WeakMap<FamilySource, FamilySource>();

function asUnknown(family: FamilySource): FamilySource {
  if (family.kind === 'snapshot') return snapshotSource({ ...family.snapshot(), type: 'unknown' });
  const known = unknowns.get(family) ?? withOverrides(family, { type: 'unknown' });
  unknowns.set(family, known);
  return known;
}

/**
 * A counter's samples must suffix in `_total` here. A counter whose name does not is exposed as unknown, which keeps its
 * series' name the same in every format; adding the suffix would make it another series.
 */
function typeOf(head: FamilyHead): FamilyType {
  return head.name.endsWith(TYPE_RULES[head.type].requiredSuffix) ? head.type : 'unknown';
}

/** Returns the name in the header, which is without `_total` for a counter. */
function familyName(head: FamilyHead, escaping: Escaping): string {
  const name = escapeMetricName(head.name, escaping);
  return withoutSuffix(name, TYPE_RULES[typeOf(head)].requiredSuffix);
}

function withoutSuffix(name: string, suffix: string): string {
  return name.slice(0, name.length - suffix.length);
}

/**
 * Section MetricFamily: the unit must be a suffix of the name, which an escaping scheme may have changed; info and
 * stateset have no unit.
 */
function hasUnit({ unit, type }: FamilyHead, name: string): boolean {
  return unit !== '' && name.endsWith(`_${unit}`) && TYPE_RULES[type].mayHaveUnit;
}
