import { parseBound } from '../../model/canonical-float.js';
import type { FamilyHead, FamilySnapshot, Sample } from '../../model/family.js';
import { GroupReading, type LiveFamily } from '../../model/live-family.js';
import { NativeReading } from '../../model/native-histogram.js';
import type { LabelPairs } from '../format.js';
import { type Format, labelNameIn, type PreparedPage, type Variant, withDefaults } from '../format.js';
import { PreparedGroups } from '../prepared-groups.js';
import { type CompositeData, type SingleData, sortSamples } from '../sorted-samples.js';
import { BackwardWriter } from './backward-writer.js';
import { CompositeGroup } from './composite-group.js';
import { familyFrame, isSummary, MessagePlan, valueTag } from './message-plan.js';
import {
  escapedLabels,
  FAMILY,
  METRIC,
  NUMBERS_ROOM,
  writeHistogram,
  writeLabels,
  writeSingle,
  writeSummary,
} from './metric-data.js';
import { SingleGroup } from './single-group.js';

const reading = new GroupReading(true);

/** The messages of a live family in one variant. */
export class MessagePage implements PreparedPage {
  private readonly groups: PreparedGroups;

  constructor(
    private readonly family: LiveFamily,
    private readonly variant: Variant,
  ) {
    const plan = new MessagePlan(family, variant);
    const makeGroup = () => (plan.composite ? new CompositeGroup(plan) : new SingleGroup(plan));
    this.groups = new PreparedGroups(family, reading, makeGroup);
  }

  /** A message begins with its length, so all groups must be refreshed before its first byte is written. */
  pieces(): Iterable<Uint8Array> {
    return this.groups.isSmall ? this.message(this.groups.refreshAtOnce()) : this.inSteps();
  }

  private *inSteps(): Generator<Uint8Array> {
    yield* this.message(yield* this.groups.refresh());
  }

  private message(metrics: readonly Uint8Array[]): readonly Uint8Array[] {
    const length = metrics.reduce((sum, bytes) => sum + bytes.length, 0);
    // A family without series is left out, as in the Go client.
    if (length === 0) return [];
    const { head, tail } = familyFrame(this.family, this.variant, length);
    return [head, ...metrics, tail];
  }
}

const writer = new BackwardWriter();
const native = new NativeReading();

/** Writes a snapshot, for families such as those of collectors. */
export function snapshotMessage(family: FamilySnapshot, variant: Variant): Uint8Array {
  const { composites, singles, strays } = sortSamples(family);
  const messages = [
    familyMessage(family, variant, () => {
      for (const data of [...composites].reverse()) writeComposite(family, data, variant);
      for (const data of [...singles].reverse()) writeSample(family, data, variant);
    }),
  ];
  // Samples that the type does not allow follow as families of their own.
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
  const metrics = writer.toBytes();
  if (metrics.length === 0) return metrics;
  const frame = familyFrame(head, variant, metrics.length);
  return Buffer.concat([frame.head, metrics, frame.tail]);
}

function writeSample(head: FamilyHead, { sample, createdAt }: SingleData, variant: Variant): void {
  const end = writer.length;
  writeTimestamp(sample.timestamp);
  const extras = { createdAt, exemplars: [sample.exemplar] };
  writeSingle(writer, valueTag(head.type), sample.value, extras, variant.escaping);
  closeMetric(end, labelsOf(head, sample, variant), variant);
}

function writeComposite(head: FamilyHead, data: CompositeData, variant: Variant): void {
  const end = writer.length;
  const bounds = Float64Array.from(data.bounds, parseBound);
  const values = Float64Array.of(...data.values, data.sum, data.count);
  writeTimestamp(data.timestamp);
  if (data.native !== undefined) native.load(data.native);
  if (isSummary(head.type)) writeSummary(writer, bounds, values, 0, data);
  else writeHistogram(writer, bounds, values, 0, data.native && native, data, variant.escaping);
  closeMetric(end, data.labels, variant);
}

function writeTimestamp(timestamp: number | undefined): void {
  writer.reserve(NUMBERS_ROOM);
  // Times before 1970 are left out.
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

/**
 * The protobuf format: a sequence of io.prometheus.client.MetricFamily, each after its length (Prometheus, "Exposition
 * formats"). The only format from which Prometheus 2 and 3 ingest native histograms.
 */
export const protobuf: Format = {
  contentType: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
  end: '',
  prepare: (family, variant) => new MessagePage(family, variant),
  write: snapshotMessage,
};
