import type { FamilyHead, FamilySnapshot, Sample } from '../model/family.js';
import type { Dialect } from './dialect.js';
import { escapeMetricName } from './escaping.js';
import { formatLabels, linePrefix } from './line.js';
import { splitSampleName } from './sample-name.js';
import { headIn, labelNameIn, type Variant, withDefaults } from './variant.js';
import { numberText } from './write-number.js';

/** Writes a snapshot; for families that come anew each time, such as those of custom collectors. */
export function snapshotPage(family: FamilySnapshot, dialect: Dialect, variant: Variant): string {
  const head = headIn(variant, family);
  let page = dialect.header(head, variant.escaping);
  const strays = new Map<string, string>();
  for (const sample of family.samples) {
    const { stem, suffix } = splitSampleName(family, sample.name);
    const written = line(family, head, sample, stem, suffix, dialect, variant);
    if (dialect.holds(family.type, sample.name.slice(stem.length))) page += written;
    else {
      const name = escapeMetricName(variant.prefix + stem, variant.escaping) + suffix;
      strays.set(name, (strays.get(name) ?? '') + written);
    }
  }
  // Lines of one family stand together, so those that the format has no place for follow as families of their own.
  for (const [name, lines] of strays) {
    const own: FamilyHead = { name, type: 'gauge', help: family.help, unit: '' };
    // The name is escaped already.
    page += dialect.header(own, 'allow-utf-8') + lines;
  }
  return page;
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
