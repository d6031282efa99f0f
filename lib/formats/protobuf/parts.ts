import type { Exemplar } from '../../model/exemplar.js';
import { type Escaping, escapeLabelName } from '../escaping.js';
import type { LabelPairs } from '../line.js';
import type { BackwardWriter } from './backward-writer.js';
import { EXEMPLAR, LABEL, TIMESTAMP } from './fields.js';

/** More than the numbers and tags take that surround texts. */
export const NUMBERS_ROOM = 64;

/** Label pairs behind the given tag, without those that are empty: an empty label is none. Names are escaped before. */
export function writeLabels(writer: BackwardWriter, tag: number, pairs: LabelPairs): void {
  for (let i = pairs.length - 1; i >= 0; i--) {
    const [name, value] = pairs[i];
    if (value !== '') writeLabel(writer, tag, name, value);
  }
}

/** One label behind the given tag. */
export function writeLabel(writer: BackwardWriter, tag: number, name: string, value: string): void {
  const end = writer.length;
  writer.text(LABEL.value, value);
  writer.text(LABEL.name, name);
  writer.close(tag, end);
}

/** Label pairs with their names as they are written. */
export function escapedLabels(pairs: LabelPairs, escaping: Escaping): LabelPairs {
  return pairs.map(([name, value]) => [escapeLabelName(name, escaping), value]);
}

/** A google.protobuf.Timestamp behind the given tag. */
export function writeTime(writer: BackwardWriter, tag: number, milliseconds: number): void {
  const end = writer.length;
  const seconds = Math.floor(milliseconds / 1000);
  const nanos = Math.round((milliseconds - seconds * 1000) * 1e6);
  if (nanos > 0) {
    writer.varint(nanos);
    writer.byte(TIMESTAMP.nanos);
  }
  if (seconds > 0) {
    writer.varint(seconds);
    writer.byte(TIMESTAMP.seconds);
  }
  writer.close(tag, end);
}

/** An exemplar without its own tag and length. Leaves room for these and some more numbers. */
export function writeExemplar(writer: BackwardWriter, exemplar: Exemplar, escaping: Escaping): void {
  writer.reserve(NUMBERS_ROOM);
  if (exemplar.timestamp !== undefined) writeTime(writer, EXEMPLAR.timestamp, exemplar.timestamp);
  writer.double(exemplar.value);
  writer.byte(EXEMPLAR.value);
  writeLabels(writer, EXEMPLAR.label, escapedLabels(Object.entries(exemplar.labels), escaping));
  writer.reserve(NUMBERS_ROOM);
}
