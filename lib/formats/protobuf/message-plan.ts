import { parseBound } from '../../model/canonical-float.js';
import type { FamilyHead } from '../../model/family.js';
import { type FamilyType, nameSuffixOf } from '../../model/family-types.js';
import type { LiveFamily } from '../../model/live-family.js';
import { escapeLabelName, escapeMetricName, labelNameIn, type Variant } from '../format.js';
import { isComposite } from '../sorted-samples.js';
import { BackwardWriter } from './backward-writer.js';
import { FAMILY, LABEL, METRIC } from './metric-data.js';

/** The MetricType of each type. Types that protobuf does not have are written as the nearest one. */
const MESSAGE_TYPES: Readonly<Record<FamilyType, MessageType>> = {
  counter: { number: 0, tag: METRIC.counter },
  gauge: { number: 1, tag: METRIC.gauge },
  info: { number: 1, tag: METRIC.gauge },
  stateset: { number: 1, tag: METRIC.gauge },
  summary: { number: 2, tag: METRIC.summary },
  unknown: { number: 3, tag: METRIC.untyped },
  histogram: { number: 4, tag: METRIC.histogram },
  gaugehistogram: { number: 5, tag: METRIC.histogram },
};

interface MessageType {
  readonly number: number;
  /** The field of Metric that holds the value. */
  readonly tag: number;
}

/** The field of Metric that holds the values of a family of this type. */
export function valueTag(type: FamilyType): number {
  return MESSAGE_TYPES[type].tag;
}

export function isSummary(type: FamilyType): boolean {
  return valueTag(type) === METRIC.summary;
}

/** The name of a family in the message. */
export function nameOf({ name, type }: FamilyHead, { prefix, escaping }: Variant): string {
  return escapeMetricName(prefix + name, escaping) + nameSuffixOf(type);
}

/** How the series of a live family become messages in one variant. */
export class MessagePlan {
  readonly composite: boolean;
  readonly isSummary: boolean;
  readonly valueTag: number;
  /** The upper bounds of a histogram's buckets, `+Inf` included, or the ranks of a summary. */
  readonly bounds: Float64Array;
  /** Memory for the label values of one series at a time. */
  readonly values: string[] = [];
  private readonly labelNames: readonly Uint8Array[];
  /** The default labels, each with the position of the series' own label of the same name, or -1. */
  private readonly defaults: readonly (readonly [name: Uint8Array, value: string, at: number])[];
  /** The additional label of each line in a family whose lines are separate metrics. */
  private readonly lineLabels: readonly (readonly [name: Uint8Array, value: string])[];

  constructor(
    family: LiveFamily,
    readonly variant: Variant,
  ) {
    const { escaping, defaultLabels } = variant;
    const lines = family.shape.flatMap(({ label }) => (label === undefined ? [] : [label]));
    this.composite = isComposite(family.type);
    this.isSummary = isSummary(family.type);
    this.valueTag = valueTag(family.type);
    this.bounds = Float64Array.from(this.composite ? lines.map(([, text]) => parseBound(text)) : []);
    const nameBytes = (name: string): Uint8Array => {
      writer.start();
      writer.string(LABEL.name, escapeLabelName(name, escaping));
      return writer.toBytes();
    };
    this.labelNames = family.labelNames.map(nameBytes);
    this.defaults = defaultLabels.map(([name, value]) => [nameBytes(name), value, family.labelNames.indexOf(name)]);
    this.lineLabels = lines.map(([name, text]) => [nameBytes(labelNameIn(variant, family, name)), text]);
  }

  /** Writes the labels of a series, then the default labels that it does not have. */
  writeLabels(writer: BackwardWriter, values: readonly string[]): void {
    for (let i = this.defaults.length - 1; i >= 0; i--) {
      const [name, value, at] = this.defaults[i];
      if (at < 0 || values[at] === '') writeLabel(writer, name, value);
    }
    for (let i = values.length - 1; i >= 0; i--) {
      if (values[i] !== '') writeLabel(writer, this.labelNames[i], values[i]);
    }
  }

  /** Writes the labels of one line of a series whose lines are separate metrics. */
  writeLineLabels(writer: BackwardWriter, values: readonly string[], line: number): void {
    const lineLabel = this.lineLabels[line];
    if (lineLabel !== undefined) writeLabel(writer, lineLabel[0], lineLabel[1]);
    this.writeLabels(writer, values);
  }
}

/** Writes a label of a metric. `name` is the encoded field. */
function writeLabel(writer: BackwardWriter, name: Uint8Array, value: string): void {
  const end = writer.length;
  writer.string(LABEL.value, value);
  writer.bytes(name, 0, name.length);
  writer.close(METRIC.label, end);
}

/** The fields before and after the metrics of a family. */
export interface FamilyFrame {
  /** The length of the whole message, then name, help and type. */
  readonly head: Uint8Array;
  /** The unit. */
  readonly tail: Uint8Array;
}

const writer = new BackwardWriter();

/** Returns the frame of a family whose metrics have the given total length. */
export function familyFrame(family: FamilyHead, variant: Variant, metricsLength: number): FamilyFrame {
  writer.start();
  if (family.unit !== '') writer.string(FAMILY.unit, family.unit);
  const tail = writer.toBytes();
  writer.start();
  writer.reserve(32);
  writer.byte(MESSAGE_TYPES[family.type].number);
  writer.byte(FAMILY.type);
  writer.string(FAMILY.help, family.help);
  writer.string(FAMILY.name, nameOf(family, variant));
  writer.reserve(16);
  writer.varint(writer.length + metricsLength + tail.length);
  return { head: writer.toBytes(), tail };
}
