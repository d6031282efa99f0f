import type { Exemplar } from '../model/exemplar.js';
import type { FamilyHead, FamilyType } from '../model/family.js';
import type { SampleShape } from '../model/live-family.js';
import type { Escaping } from './escaping.js';

/** What the two text formats do differently. Everything else about a page is common to them. */
export interface Dialect {
  /** TYPE, HELP and, where the format has it, UNIT of a family. */
  header(head: FamilyHead, escaping: Escaping): string;
  /** Whether the format has a place for this line of a series. */
  shows(head: FamilyHead, line: SampleShape, lines: readonly SampleShape[]): boolean;
  /**
   * Whether the format forbids this value in such a line, which is left out then. Where that is a histogram's sum, so is
   * its count.
   */
  forbids(type: FamilyType, suffix: string, value: number): boolean;
  /** Whether a sample with this suffix is part of a family of this type. */
  holds(type: FamilyType, suffix: string): boolean;
  /** What stands behind a value, beginning with a space; empty where the line cannot carry an exemplar. */
  exemplar(head: FamilyHead, suffix: string, exemplar: Exemplar, escaping: Escaping): string;
  /** A sample's time, given in milliseconds since the epoch. */
  timestamp(milliseconds: number): string;
  /** The name of the sample that tells when a series began, or undefined where the format or the type has none. */
  createdName(head: FamilyHead): string | undefined;
}
