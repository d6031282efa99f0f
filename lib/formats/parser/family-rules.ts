import type { FamilyType, Sample } from '../../model/family.js';

/** What a format says of families and their samples, apart from how the lines are written. */
export interface FamilyRules {
  /** The suffixes that samples of a family of this type may have; the empty one is the family's own name. */
  suffixes(type: FamilyType): readonly string[];
  /** The name that promark gives the family: a counter's with `_total`. */
  snapshotName(name: string, type: FamilyType): string;
  /** A check for the samples of one family, made when its first sample comes. */
  check(name: string, type: FamilyType): SampleCheck;
}

/** Watches the samples of one family go by, in the order of the page. Throws ParseError where one breaks a rule. */
export interface SampleCheck {
  add(sample: Sample, suffix: string, line: number): void;
  /** Says that the family has no more samples. */
  end(): void;
}

/** The label that tells apart the samples of one series: not part of the series' own labels. */
export function partLabel(name: string, type: FamilyType, suffix: string): string | undefined {
  if (suffix === '_bucket') return 'le';
  if (type === 'summary' && suffix === '') return 'quantile';
  return type === 'stateset' ? name : undefined;
}
