import type { FamilyHead, FamilySnapshot } from '../../model/family.js';
import type { LiveFamily } from '../../model/live-family.js';
import { snapshotOf } from '../../model/snapshot-of.js';
import { escapeMetricName } from '../escaping.js';
import type { Format } from '../format.js';
import { formatLabels, type LabelPairs, linePrefix, nameInHeader } from '../line.js';
import { escapeQuoted } from '../quoting.js';
import { type CompositeData, type SingleData, sortSamples } from '../sorted-samples.js';
import { labelNameIn, type Variant, withDefaults } from '../variant.js';
import { numberText } from '../write-number.js';
import { compositeValue, exemplarTexts } from './composite-value.js';

/**
 * OpenMetrics 2.0.0-rc0, which may still change: samples are called like their family, and a histogram or summary is one
 * sample with all that belongs to it. Nothing is prepared.
 */
export const openMetrics2: Format = {
  contentType: 'application/openmetrics-text; version=2.0.0; charset=utf-8',
  end: '# EOF\n',
  prepare: (family, variant) => ({ pieces: () => livePieces(family, variant) }),
  write: (family, variant) => Buffer.from(header(family, variant) + lines(family, variant)),
};

function* livePieces(family: LiveFamily, variant: Variant): Generator<Uint8Array> {
  yield Buffer.from(header(family, variant));
  for (let from = 0; from < family.rowCount; from += family.groupRows) {
    const to = Math.min(from + family.groupRows, family.rowCount);
    yield Buffer.from(lines(snapshotOf(family, { created: true, from, to }), variant));
  }
}

function header(head: FamilyHead, variant: Variant): string {
  const name = nameInHeader(nameOf(head, variant), 'allow-utf-8');
  const unit =
    head.unit === '' || head.type === 'info' || head.type === 'stateset' ? '' : `# UNIT ${name} ${head.unit}\n`;
  return `# TYPE ${name} ${head.type}\n${unit}# HELP ${name} ${escapeQuoted(head.help)}\n`;
}

function lines(family: FamilySnapshot, variant: Variant): string {
  const { composites, singles, strays } = sortSamples(family);
  let page = '';
  for (const data of composites) page += compositeLine(family, data, variant);
  for (const data of singles) page += singleLine(family, data, variant);
  // What the type has no place for follows as families of their own.
  for (const [name, samples] of strays) {
    const head: FamilyHead = { name, type: 'gauge', help: family.help, unit: '' };
    page += header(head, variant);
    for (const sample of samples) page += singleLine(head, { sample, createdAt: 0 }, variant);
  }
  return page;
}

function compositeLine(head: FamilyHead, data: CompositeData, variant: Variant): string {
  const { native, exemplars, timestamp, createdAt, labels } = data;
  // Section Exemplars and Start Timestamp: of two sets, that of the classic buckets.
  const chosen = exemplars.some((exemplar) => exemplar !== undefined) ? exemplars : (native?.exemplars ?? []);
  const times = timesOf(timestamp, head.type === 'gaugehistogram' ? 0 : createdAt);
  return `${prefixOf(head, labels, variant)}${compositeValue(head.type, data)}${times}${exemplarTexts(chosen, variant.escaping)}\n`;
}

function singleLine(head: FamilyHead, { sample, createdAt }: SingleData, variant: Variant): string {
  const isCounter = head.type === 'counter';
  const labels = Object.entries(sample.labels).map(([name, value]) => {
    return [labelNameIn(variant, head, name), value] as const;
  });
  const times = timesOf(sample.timestamp, isCounter ? createdAt : 0);
  const exemplar = isCounter ? exemplarTexts([sample.exemplar], variant.escaping) : '';
  return `${prefixOf(head, labels, variant)}${numberText(sample.value)}${times}${exemplar}\n`;
}

function prefixOf(head: FamilyHead, labels: LabelPairs, variant: Variant): string {
  const text = formatLabels(withDefaults(variant, labels), variant.escaping);
  return linePrefix(nameOf(head, variant), '', text, 'allow-utf-8');
}

/** The name as it is written; what could not be read without quotes was escaped before, so nothing is to follow. */
function nameOf({ name, type }: FamilyHead, { prefix, escaping }: Variant): string {
  return escapeMetricName(prefix + name, escaping) + (type === 'info' ? '_info' : '');
}

function timesOf(timestamp: number | undefined, createdAt: number): string {
  const time = timestamp === undefined ? '' : ` ${timestamp / 1000}`;
  return createdAt > 0 ? `${time} st@${createdAt / 1000}` : time;
}
