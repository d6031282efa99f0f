import { OPEN_METRICS_TYPE } from '../model/content-types.js';
import type { Exemplar } from '../model/exemplar.js';
import type { FamilyHead } from '../model/family.js';
import { type FamilyType, TYPE_RULES, type TypeRules } from '../model/family-types.js';
import { type FamilySource, gathered, type SampleShape, shownAs } from '../model/live-family.js';
import type { Dialect, Format } from './format.js';
import { type Escaping, escapeMetricName, escapeQuoted, formatLabels, nameInHeader } from './format.js';
import { lineFormat } from './line-format.js';
import { numberText } from './write-number.js';

/** How OpenMetrics 1.0 differs from text 0.0.4. */
export const openMetricsDialect: Dialect = {
  isComplete: false,
  header(head: FamilyHead, escaping: Escaping): string {
    const bare = familyName(head, escaping);
    const name = nameInHeader(bare, 'allow-utf-8');
    const unit = hasUnit(head, bare) ? `# UNIT ${name} ${head.unit}\n` : '';
    return `# TYPE ${name} ${typeOf(head)}\n${unit}# HELP ${name} ${escapeQuoted(head.help)}\n`;
  },
  // Section Histogram: where buckets may hold negative values the sum can fall, so it and the count are left out.
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
  holds: () => true,
  exemplar(head: FamilyHead, suffix: string, { labels, value, timestamp }: Exemplar, escaping: Escaping): string {
    // No bucket holds NaN.
    if (suffix !== TYPE_RULES[typeOf(head)].exemplarSuffix || Number.isNaN(value)) return '';
    const time = timestamp === undefined ? '' : ` ${timestamp / 1000}`;
    return ` # {${formatLabels(Object.entries(labels), escaping)}} ${numberText(value)}${time}`;
  },
  timestamp: (milliseconds) => String(milliseconds / 1000),
  createdName(head: FamilyHead): string | undefined {
    const { cumulative, requiredEnd } = TYPE_RULES[typeOf(head)];
    return cumulative ? `${withoutEnd(head.name, requiredEnd)}_created` : undefined;
  },
};

/** OpenMetrics 1.0.0. */
export const openMetrics: Format = {
  ...lineFormat(openMetricsDialect, OPEN_METRICS_TYPE, '# EOF\n'),
  withDistinctNames,
};

/**
 * Section MetricFamily: no two families may have one name, which a counter `jobs_total` and a gauge `jobs` have here. Such a
 * counter is shown as unknown, under its whole name: its series stay the same.
 */
export function withDistinctNames(families: readonly FamilySource[]): readonly FamilySource[] {
  const names = new Set(families.map(({ name }) => name));
  return families.map((family) => {
    const { requiredEnd } = TYPE_RULES[family.type];
    const isTaken =
      requiredEnd !== '' && typeOf(family) === family.type && names.has(withoutEnd(family.name, requiredEnd));
    return isTaken ? asUnknown(family) : family;
  });
}

/** What families are shown as, so that their prepared bytes are found again. */
const unknowns = new WeakMap<FamilySource, FamilySource>();

function asUnknown(family: FamilySource): FamilySource {
  if (family.kind === 'snapshot') return gathered({ ...family.snapshot(), type: 'unknown' });
  const known = unknowns.get(family) ?? shownAs(family, { type: 'unknown' });
  unknowns.set(family, known);
  return known;
}

/**
 * A counter's samples must end in `_total` here. One whose name does not is shown as unknown: that keeps its series'
 * name the same in every format, where adding the suffix would make it another series.
 */
function typeOf(head: FamilyHead): FamilyType {
  return head.name.endsWith(TYPE_RULES[head.type].requiredEnd) ? head.type : 'unknown';
}

/** The name in the header: a counter's has no `_total`. */
function familyName(head: FamilyHead, escaping: Escaping): string {
  const name = escapeMetricName(head.name, escaping);
  return withoutEnd(name, TYPE_RULES[typeOf(head)].requiredEnd);
}

function withoutEnd(name: string, end: string): string {
  return name.slice(0, name.length - end.length);
}

/**
 * Section MetricFamily: the unit is a suffix of the name, which an escaping scheme may have written otherwise; info and
 * stateset have none.
 */
function hasUnit({ unit, type }: FamilyHead, name: string): boolean {
  return unit !== '' && name.endsWith(`_${unit}`) && TYPE_RULES[type].measured;
}
