import { TEXT_TYPE } from '../model/content-types.js';
import type { FamilyHead, FamilySnapshot, Sample } from '../model/family.js';
import { nameSuffixOf, TYPE_RULES } from '../model/family-types.js';
import { GroupReading, type LiveFamily, type SampleShape } from '../model/live-family.js';
import {
  type Dialect,
  type Escaping,
  escapeHelp,
  escapeMetricName,
  escapeQuoted,
  type Format,
  headIn,
  labelNameIn,
  labelStart,
  lineStart,
  nameInHeader,
  type PreparedPage,
  type Variant,
} from './format.js';
import { GroupLines, LinePlan } from './group-lines.js';
import { PreparedGroups } from './prepared-groups.js';
import { seriesKey, splitSampleName } from './sorted-samples.js';
import { numberText } from './write-number.js';

/** Writes a snapshot, for families such as those of collectors. */
export function snapshotPage(family: FamilySnapshot, dialect: Dialect, variant: Variant): string {
  const head = headIn(variant, family);
  let page = dialect.header(head, variant.escaping);
  const strays = new Map<string, string>();
  const rules = TYPE_RULES[family.type];
  const sumless = seriesWithoutSum(family, dialect);
  const writer = new SampleWriter(family, head, dialect, variant);
  for (const sample of family.samples) {
    const name = writer.nameOf(sample);
    const { suffix } = name;
    if (dialect.forbids(rules, suffix, sample.value)) continue;
    if (sumless.size > 0 && (suffix === '_sum' || suffix === '_count') && sumless.has(seriesKey(sample))) continue;
    const written = writer.line(sample, name);
    if (name.isOfFamily) page += written;
    else strays.set(name.stray, (strays.get(name.stray) ?? '') + written);
  }
  // Lines of a family must be contiguous, so samples that the format does not allow there follow as families of their
  // own.
  for (const [name, lines] of strays) {
    const strayHead: FamilyHead = { name, type: 'gauge', help: family.help, unit: '' };
    // The name is escaped already.
    page += dialect.header(strayHead, 'allow-utf-8') + lines;
  }
  return page;
}

/** Returns the keys of histograms whose sum and count the format does not show. */
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

/** How the samples of one name are written. */
interface SampleName {
  readonly suffix: string;
  /** The start of a line with labels, and of one without. */
  readonly open: string;
  readonly unlabeled: string;
  /** Whether the format allows these samples in their family. Others become a family named `stray`. */
  readonly isOfFamily: boolean;
  readonly stray: string;
}

/**
 * Writes the samples of one family. What depends only on a name is computed once, because a family has many samples but
 * few names.
 */
class SampleWriter {
  private readonly names = new Map<string, SampleName>();
  /** The start of each label, up to its value. */
  private readonly labelStarts = new Map<string, string>();

  constructor(
    private readonly family: FamilySnapshot,
    private readonly head: FamilyHead,
    private readonly dialect: Dialect,
    private readonly variant: Variant,
  ) {}

  nameOf({ name }: Sample): SampleName {
    let known = this.names.get(name);
    if (known === undefined) {
      const { escaping, prefix } = this.variant;
      const { stem, suffix } = splitSampleName(this.family, name);
      known = {
        suffix,
        ...lineStart(prefix + stem, suffix, escaping),
        isOfFamily: this.dialect.allows(name.slice(stem.length)),
        stray: escapeMetricName(prefix + stem, escaping) + suffix,
      };
      this.names.set(name, known);
    }
    return known;
  }

  line(sample: Sample, { suffix, open, unlabeled }: SampleName): string {
    const { dialect, head, variant } = this;
    const labels = this.labelsOf(sample);
    const time = sample.timestamp === undefined ? '' : ` ${dialect.timestamp(sample.timestamp)}`;
    const exemplar =
      sample.exemplar === undefined ? '' : dialect.exemplar(head, suffix, sample.exemplar, variant.escaping);
    const start = labels === '' ? unlabeled : `${open}${labels}} `;
    return `${start}${numberText(sample.value)}${time}${exemplar}\n`;
  }

  /** Returns the labels of a sample and the default labels that it does not have. */
  private labelsOf({ labels }: Sample): string {
    let written = '';
    for (const name in labels) {
      const value = labels[name];
      // Empty labels are not printed: to Prometheus, they do not exist.
      if (value !== '') written += `${written === '' ? '' : ','}${this.startOf(name)}${escapeQuoted(value)}"`;
    }
    for (const [name, value] of this.variant.defaultLabels) {
      if (value === '' || (Object.hasOwn(labels, name) && labels[name] !== '')) continue;
      written += `${written === '' ? '' : ','}${labelStart(name, this.variant.escaping)}${escapeQuoted(value)}"`;
    }
    return written;
  }

  private startOf(name: string): string {
    let start = this.labelStarts.get(name);
    if (start === undefined) {
      const { variant, family } = this;
      start = labelStart(labelNameIn(variant, family, name), variant.escaping);
      this.labelStarts.set(name, start);
    }
    return start;
  }
}

const reading = new GroupReading();

/** The lines of a live family in one variant. */
export class LinePage implements PreparedPage {
  private readonly header: Uint8Array;
  private readonly groups: PreparedGroups;

  constructor(family: LiveFamily, dialect: Dialect, variant: Variant) {
    const plan = new LinePlan(family, dialect, variant);
    this.header = Buffer.from(plan.header);
    this.groups = new PreparedGroups(family, reading, () => new GroupLines(plan));
  }

  pieces(): Iterable<Uint8Array> {
    return this.groups.isSmall ? [this.header, ...this.groups.refreshAtOnce()] : this.inSteps();
  }

  private *inSteps(): Generator<Uint8Array> {
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
    prepare: (family, variant) => new LinePage(family, dialect, variant),
    write: (family, variant) => Buffer.from(snapshotPage(family, dialect, variant)),
  };
}

/** Text 0.0.4. */
export const textDialect: Dialect = {
  isComplete: true,
  header(head: FamilyHead, escaping: Escaping): string {
    const name = nameInHeader(head.name, escaping, nameSuffixOf(head.type));
    return `# HELP ${name} ${escapeHelp(head.help)}\n# TYPE ${name} ${TYPE_RULES[head.type].textType}\n`;
  },
  shows: () => true,
  forbids: () => false,
  allows: (suffix) => !['_created', '_gsum', '_gcount'].includes(suffix),
  exemplar: () => '',
  timestamp: (milliseconds) => String(Math.trunc(milliseconds)),
  createdName: () => undefined,
};

/** Prometheus text format 0.0.4 (Prometheus, "Exposition formats"). */
export const text: Format = lineFormat(textDialect, TEXT_TYPE, '');
