import type { Exemplar } from '../model/exemplar.js';
import type { FamilyHead, FamilySnapshot } from '../model/family.js';
import { TYPE_RULES, type TypeRules } from '../model/family-types.js';
import type { LiveFamily, SampleShape } from '../model/live-family.js';
import type { Escaping, LabelPairs } from './escaping.js';

/** A family in one format and variant, kept so that the next page costs only what has changed. */
export interface PreparedPage {
  /** The family as of now, in pieces. Others may get their turn on the event loop between any two; some are empty. */
  pieces(): Iterable<Uint8Array>;
}

/** A format that pages can be written in. */
export interface Format {
  /** The `Content-Type` without its `escaping` parameter. */
  readonly contentType: string;
  /** What stands at the end of a page. */
  readonly end: string;
  /** Prepares the page of a family whose numbers are read where they lie. */
  prepare(family: LiveFamily, variant: Variant): PreparedPage;
  /** Writes a family as it stood at one moment. */
  write(family: FamilySnapshot, variant: Variant): Uint8Array;
}

/** How a page is written in its format: what two scrapes must have in common to share prepared bytes. */
export interface Variant {
  readonly escaping: Escaping;
  /** Whether series tell when they began (OpenMetrics `_created`). */
  readonly created: boolean;
  /** Put before every name. */
  readonly prefix: string;
  /** Labels of every series that has none of the name itself. */
  readonly defaultLabels: LabelPairs;
}

/** A family's head under the name that this variant gives it. */
export function headIn(variant: Variant, { name, type, help, unit }: FamilyHead): FamilyHead {
  return { name: variant.prefix + name, type, help, unit };
}

/** Default labels, then those of the series, which win where both have one of the same name. */
export function withDefaults(variant: Variant, labels: LabelPairs): LabelPairs {
  const { defaultLabels } = variant;
  if (defaultLabels.length === 0) return labels;
  return [...labels, ...defaultLabels.filter(([name]) => !labels.some(([own, value]) => own === name && value !== ''))];
}

/** OpenMetrics 1.0, section StateSet: the label has the family's name, so the prefix goes before it as well. */
export function labelNameIn({ prefix }: Variant, family: FamilyHead, label: string): string {
  return TYPE_RULES[family.type].lines === 'states' && label === family.name ? prefix + label : label;
}

/** What the two text formats do differently. Everything else about a page is common to them. */
export interface Dialect {
  /** TYPE, HELP and, where the format has it, UNIT of a family. */
  header(head: FamilyHead, escaping: Escaping): string;
  /** Whether the format has a place for this line of a series. */
  shows(line: SampleShape, lines: readonly SampleShape[]): boolean;
  /**
   * Whether the format forbids this value in such a line, which is left out then. Where that is a histogram's sum, so is
   * its count.
   */
  forbids(rules: TypeRules, suffix: string, value: number): boolean;
  /** Whether samples with this suffix have a place in their family. */
  holds(suffix: string): boolean;
  /** What stands behind a value, beginning with a space; empty where the line cannot carry an exemplar. */
  exemplar(head: FamilyHead, suffix: string, exemplar: Exemplar, escaping: Escaping): string;
  /** A sample's time, given in milliseconds since the epoch. */
  timestamp(milliseconds: number): string;
  /** The name of the sample that tells when a series began, or undefined where the format or the type has none. */
  createdName(head: FamilyHead): string | undefined;
}
