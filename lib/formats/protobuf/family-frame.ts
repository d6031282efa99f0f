import type { FamilyHead } from '../../model/family.js';
import type { Variant } from '../variant.js';
import { BackwardWriter } from './backward-writer.js';
import { FAMILY } from './fields.js';
import { nameOf, TYPES } from './message-plan.js';

/** What stands around the metrics of a family. */
export interface FamilyFrame {
  /** The length of the whole message, then name, help and type. */
  readonly head: Uint8Array;
  /** The unit. */
  readonly tail: Uint8Array;
}

const writer = new BackwardWriter();

/** The frame of a family whose metrics take so many bytes. */
export function familyFrame(family: FamilyHead, variant: Variant, metricsLength: number): FamilyFrame {
  writer.start();
  if (family.unit !== '') writer.text(FAMILY.unit, family.unit);
  const tail = writer.cut();
  writer.start();
  writer.reserve(32);
  writer.byte(TYPES[family.type]);
  writer.byte(FAMILY.type);
  writer.text(FAMILY.help, family.help);
  writer.text(FAMILY.name, nameOf(family, variant));
  writer.reserve(16);
  writer.varint(writer.length + metricsLength + tail.length);
  return { head: writer.cut(), tail };
}
