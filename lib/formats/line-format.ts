import type { FamilyHead, FamilySnapshot, Sample } from '../model/family.js';
import { nameSuffixOf, TYPE_RULES } from '../model/family-types.js';
import { GroupReading, type LiveFamily, type SampleShape } from '../model/live-family.js';
import {
  type Dialect,
  type Escaping,
  escapeHelp,
  escapeMetricName,
  type Format,
  formatLabels,
  headIn,
  labelNameIn,
  linePrefix,
  nameInHeader,
  type PreparedPage,
  type Variant,
  withDefaults,
} from './format.js';
import { GroupLines, LinePlan } from './group-lines.js';
import { PreparedGroups } from './prepared-groups.js';
import { seriesKey, splitSampleName } from './sorted-samples.js';
import { numberText } from './write-number.js';

/** Writes a snapshot; for families that come anew each time, such as those of custom collectors. */
export function snapshotPage(family: FamilySnapshot, dialect: Dialect, variant: Variant): string {
  const head = headIn(variant, family);
  let page = dialect.header(head, variant.escaping);
  const strays = new Map<string, string>();
  const rules = TYPE_RULES[family.type];
  const sumless = seriesWithoutSum(family, dialect);
  for (const sample of family.samples) {
    const { stem, suffix } = splitSampleName(family, sample.name);
    if (dialect.forbids(rules, suffix, sample.value)) continue;
    if (sumless.size > 0 && (suffix === '_sum' || suffix === '_count') && sumless.has(seriesKey(sample))) continue;
    const written = line(family, head, sample, stem, suffix, dialect, variant);
    if (dialect.holds(sample.name.slice(stem.length))) page += written;
    else {
      const name = escapeMetricName(variant.prefix + stem, variant.escaping) + suffix;
      strays.set(name, (strays.get(name) ?? '') + written);
    }
  }
  // Lines of a family must be contiguous, so those that the format has no place for follow as families of their own.
  for (const [name, lines] of strays) {
    const own: FamilyHead = { name, type: 'gauge', help: family.help, unit: '' };
    // The name is escaped already.
    page += dialect.header(own, 'allow-utf-8') + lines;
  }
  return page;
}

/** The histograms whose sum and count the format does not show. */
function seriesWithoutSum(family: FamilySnapshot, dialect: Dialect): ReadonlySet<string> {
  const sumless = new Set<string>();
  const rules = TYPE_RULES[family.type];
  if (rules.lines !== 'buckets' || dialect.isComplete) return sumless;
  for (const sample of family.samples) {
    const { suffix } = splitSampleName(family, sample.name);
    const bucket: SampleShape = { suffix, label: ['le', sample.labels.le ?? ''] };
    const isSumless = dialect.forbids(rules, suffix, sample.value) || !dialect.shows({ suffix: '_sum' }, [bucket]);
    if (isSumless) sumless.add(seriesKey(sample));
  }
  return sumless;
}

function line(
  family: FamilySnapshot,
  head: FamilyHead,
  sample: Sample,
  stem: string,
  suffix: string,
  dialect: Dialect,
  variant: Variant,
): string {
  const { escaping } = variant;
  const pairs = Object.entries(sample.labels).map(([name, value]) => {
    return [labelNameIn(variant, family, name), value] as const;
  });
  const labels = formatLabels(withDefaults(variant, pairs), escaping);
  const time = sample.timestamp === undefined ? '' : ` ${dialect.timestamp(sample.timestamp)}`;
  const exemplar = sample.exemplar === undefined ? '' : dialect.exemplar(head, suffix, sample.exemplar, escaping);
  return `${linePrefix(variant.prefix + stem, suffix, labels, escaping)}${numberText(sample.value)}${time}${exemplar}\n`;
}

const reading = new GroupReading();

/** The lines of a live family in one variant. */
export class LivePage implements PreparedPage {
  private readonly header: Uint8Array;
  private readonly groups: PreparedGroups;

  constructor(family: LiveFamily, dialect: Dialect, variant: Variant) {
    const plan = new LinePlan(family, dialect, variant);
    this.header = Buffer.from(plan.header);
    this.groups = new PreparedGroups(family, reading, () => new GroupLines(plan));
  }

  *pieces(): Generator<Uint8Array> {
    const lines = yield* this.groups.refresh();
    yield this.header;
    yield* lines;
  }
}

/** A text format with one line for each sample. */
export function lineFormat(dialect: Dialect, contentType: string, end: string): Format {
  return {
    contentType,
    end,
    prepare: (family, variant) => new LivePage(family, dialect, variant),
    write: (family, variant) => Buffer.from(snapshotPage(family, dialect, variant)),
  };
}

/** Text 0.0.4, which has a place for every sample that it knows. */
export const textDialect: Dialect = {
  isComplete: true,
  header(head: FamilyHead, escaping: Escaping): string {
    const name = nameInHeader(head.name, escaping, nameSuffixOf(head.type));
    return `# HELP ${name} ${escapeHelp(head.help)}\n# TYPE ${name} ${TYPE_RULES[head.type].textType}\n`;
  },
  shows: () => true,
  forbids: () => false,
  holds: (suffix) => !['_created', '_gsum', '_gcount'].includes(suffix),
  exemplar: () => '',
  timestamp: (milliseconds) => String(Math.trunc(milliseconds)),
  createdName: () => undefined,
};

/** Prometheus text format 0.0.4 (Prometheus, "Exposition formats"). */
export const text: Format = lineFormat(textDialect, 'text/plain; version=0.0.4; charset=utf-8', '');
