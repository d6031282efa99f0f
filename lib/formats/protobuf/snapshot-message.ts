import type { FamilyHead, FamilySnapshot, Sample } from '../../model/family.js';
import { NativeReading } from '../../model/native-histogram.js';
import type { LabelPairs } from '../line.js';
import { type CompositeData, type SingleData, sortSamples } from '../sorted-samples.js';
import { labelNameIn, type Variant, withDefaults } from '../variant.js';
import { BackwardWriter } from './backward-writer.js';
import { familyFrame } from './family-frame.js';
import { FAMILY, METRIC } from './fields.js';
import { singleTag, stepOf } from './message-plan.js';
import { writeHistogram, writeSingle, writeSummary } from './metric-data.js';
import { escapedLabels, NUMBERS_ROOM, writeLabels } from './parts.js';

const writer = new BackwardWriter();
const native = new NativeReading();

/** Writes a snapshot; for families that come anew each time, such as those of custom collectors. */
export function snapshotMessage(family: FamilySnapshot, variant: Variant): Uint8Array {
  const { composites, singles, strays } = sortSamples(family);
  const messages = [
    familyMessage(family, variant, () => {
      for (const data of [...composites].reverse()) writeComposite(family, data, variant);
      for (const data of [...singles].reverse()) writeSample(family, data, variant);
    }),
  ];
  // What the type has no place for follows as families of their own.
  for (const [name, samples] of strays) {
    const head: FamilyHead = { name, type: 'gauge', help: family.help, unit: '' };
    messages.push(
      familyMessage(head, variant, () => {
        for (const sample of [...samples].reverse()) writeSample(head, { sample, createdAt: 0 }, variant);
      }),
    );
  }
  return Buffer.concat(messages);
}

function familyMessage(head: FamilyHead, variant: Variant, writeMetrics: () => void): Uint8Array {
  writer.start();
  writeMetrics();
  const metrics = writer.cut();
  if (metrics.length === 0) return metrics;
  const frame = familyFrame(head, variant, metrics.length);
  return Buffer.concat([frame.head, metrics, frame.tail]);
}

function writeSample(head: FamilyHead, { sample, createdAt }: SingleData, variant: Variant): void {
  const end = writer.length;
  writeTimestamp(sample.timestamp);
  const extras = { createdAt, exemplars: [sample.exemplar] };
  writeSingle(writer, singleTag(head.type), sample.value, extras, variant.escaping);
  closeMetric(end, labelsOf(head, sample, variant), variant);
}

function writeComposite(head: FamilyHead, data: CompositeData, variant: Variant): void {
  const end = writer.length;
  const steps = Float64Array.from(data.steps, stepOf);
  const values = Float64Array.of(...data.values, data.sum, data.count);
  writeTimestamp(data.timestamp);
  if (data.native !== undefined) native.load(data.native);
  if (head.type === 'summary') writeSummary(writer, steps, values, 0, data);
  else writeHistogram(writer, steps, values, 0, data.native && native, data, variant.escaping);
  closeMetric(end, data.labels, variant);
}

function writeTimestamp(timestamp: number | undefined): void {
  writer.reserve(NUMBERS_ROOM);
  // There is no time before 1970 in a page.
  if (timestamp === undefined || timestamp < 0) return;
  writer.varint(Math.trunc(timestamp));
  writer.byte(METRIC.timestampMs);
}

function closeMetric(end: number, labels: LabelPairs, variant: Variant): void {
  writeLabels(writer, METRIC.label, escapedLabels(withDefaults(variant, labels), variant.escaping));
  writer.reserve(NUMBERS_ROOM);
  writer.close(FAMILY.metric, end);
}

function labelsOf(head: FamilyHead, { labels }: Sample, variant: Variant): LabelPairs {
  return Object.entries(labels).map(([name, value]) => [labelNameIn(variant, head, name), value]);
}
