import type { FamilyHead } from '../model/family.js';
import type { Escaping } from './escaping.js';
import type { LabelPairs } from './line.js';

/** How a page is written, beside its format: what two scrapes must have in common to share prepared bytes. */
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
  return family.type === 'stateset' && label === family.name ? prefix + label : label;
}
