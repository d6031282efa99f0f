import type { FamilyHead, FamilySnapshot, Sample } from '../../model/family.js';
import type { LabelPairs } from '../line.js';
import { splitSampleName } from '../sample-name.js';
import { type Variant, withDefaults } from '../variant.js';
import { BackwardWriter } from './backward-writer.js';
import { familyFrame } from './family-frame.js';
import { FAMILY, METRIC } from './fields.js';
import { isComposite, singleTag } from './message-plan.js';
import { writeSingle } from './metric-data.js';
import { NUMBERS_ROOM, writeLabels } from './parts.js';
import { CompositeSeries } from './series-of-samples.js';

const writer = new BackwardWriter();

/** Writes a snapshot; for families that come anew each time, such as those of custom collectors. */
export function snapshotMessage(family: FamilySnapshot, variant: Variant): Uint8Array {
  const own: Sample[] = [];
  const created = new Map<string, number>();
  const strays = new Map<string, Sample[]>();
  for (const sample of family.samples) {
    const { stem, suffix } = splitSampleName(family, sample.name);
    if (suffix === '_created' && family.type !== 'gauge') created.set(seriesKey(sample.labels), sample.value * 1000);
    else if (stem === sample.name && stem !== family.name) {
      strays.set(sample.name, [...(strays.get(sample.name) ?? []), sample]);
    } else own.push(sample);
  }
  const createdAt = (sample: Sample): number => created.get(seriesKey(sample.labels)) ?? 0;
  const messages = [familyMessage(family, own, createdAt, variant)];
  // What the type has no place for follows as families of their own.
  for (const [name, samples] of strays) {
    const head: FamilyHead = { name, type: 'gauge', help: family.help, unit: '' };
    messages.push(familyMessage(head, samples, () => 0, variant));
  }
  return Buffer.concat(messages);
}

function familyMessage(
  head: FamilyHead,
  samples: readonly Sample[],
  createdAt: (sample: Sample) => number,
  variant: Variant,
): Uint8Array {
  if (samples.length === 0) return new Uint8Array(0);
  writer.start();
  if (isComposite(head.type)) writeComposites(head, samples, createdAt, variant);
  else for (let i = samples.length - 1; i >= 0; i--) writeSample(head, samples[i], createdAt(samples[i]), variant);
  const metrics = writer.cut();
  const frame = familyFrame(head, variant, metrics.length);
  return Buffer.concat([frame.head, metrics, frame.tail]);
}

function writeSample(head: FamilyHead, sample: Sample, createdAt: number, variant: Variant): void {
  const end = writer.length;
  writeTimestamp(sample);
  const extras = { createdAt, exemplars: [sample.exemplar] };
  writeSingle(writer, singleTag(head.type), sample.value, extras, variant.escaping);
  const pairs = Object.entries(sample.labels).map(([name, value]) => {
    return [head.type === 'stateset' && name === head.name ? variant.prefix + name : name, value] as const;
  });
  closeMetric(end, pairs, variant);
}

function writeComposites(
  head: FamilyHead,
  samples: readonly Sample[],
  createdAt: (sample: Sample) => number,
  variant: Variant,
): void {
  const series = new Map<string, CompositeSeries>();
  for (const sample of samples) {
    const key = seriesKey(sample.labels);
    const one = series.get(key) ?? new CompositeSeries(head, sample, createdAt(sample));
    one.take(sample);
    series.set(key, one);
  }
  for (const one of [...series.values()].reverse()) {
    const end = writer.length;
    writeTimestamp(one.first);
    one.write(writer, variant.escaping);
    closeMetric(end, one.labels, variant);
  }
}

function writeTimestamp({ timestamp }: Sample): void {
  writer.reserve(NUMBERS_ROOM);
  // There is no time before 1970 in a page.
  if (timestamp === undefined || timestamp < 0) return;
  writer.varint(Math.trunc(timestamp));
  writer.byte(METRIC.timestampMs);
}

function closeMetric(end: number, labels: LabelPairs, variant: Variant): void {
  writeLabels(writer, METRIC.label, withDefaults(variant, labels), variant.escaping);
  writer.reserve(NUMBERS_ROOM);
  writer.close(FAMILY.metric, end);
}

/** What all samples of one series have in common. */
function seriesKey(labels: Sample['labels']): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([name]) => name !== 'le' && name !== 'quantile')
      .sort(),
  );
}
