import type { FamilySnapshot, Sample } from '../model/family.js';
import type { FamilyManifest } from '../model/manifest.js';

/**
 * The severity of a finding: `error` if scrapers misread the page, `warning` if it misleads readers, `info` for style.
 */
export type LintSeverity = (typeof LINT_SEVERITIES)[number];

export const LINT_SEVERITIES = ['info', 'warning', 'error'] as const;

/** Whether a severity is at least as high as another one. */
export function isAtLeast(severity: LintSeverity, minimum: LintSeverity): boolean {
  return LINT_SEVERITIES.indexOf(severity) >= LINT_SEVERITIES.indexOf(minimum);
}

/** One problem of a metric. */
export interface LintFinding {
  /** The id of the check, such as `counter-total`; stable across releases. */
  readonly id: string;
  readonly severity: LintSeverity;
  /** The family; empty if the finding is about the page as a whole. */
  readonly metric: string;
  /** Describes the problem, in promlint's words if promlint has the check too. */
  readonly message: string;
  /** Describes how to fix it. */
  readonly remedy: string;
  /** The line of the page, counted from 1; undefined if there is no page. */
  readonly line?: number;
}

/** The families to check, with optional further information. */
export interface LintSubject {
  readonly families: readonly FamilySnapshot[];
  /** Methods and objectives of the families, if known. */
  readonly manifest?: readonly FamilyManifest[];
  /** The same families at an earlier time, for checks of changes. */
  readonly earlier?: readonly FamilySnapshot[];
  /** Returns the line of a family's first sample, or of one sample. */
  readonly lineOf?: (part: FamilySnapshot | Sample) => number | undefined;
}

/** Checks one family. */
export type FamilyCheck = (family: FamilySnapshot, subject: LintSubject) => Iterable<Problem>;

/** A finding without the properties that all findings of a family share. */
export interface Problem extends Pick<LintFinding, 'id' | 'severity' | 'message' | 'remedy'> {
  /** The sample with the problem. Default: the family as a whole. */
  readonly sample?: Sample;
}

export function error(id: string, message: string, remedy: string): Problem {
  return { id, severity: 'error', message, remedy };
}

export function warning(id: string, message: string, remedy: string): Problem {
  return { id, severity: 'warning', message, remedy };
}

export function info(id: string, message: string, remedy: string): Problem {
  return { id, severity: 'info', message, remedy };
}

/** Returns a key for the name and labels of a sample, regardless of the order of the labels. */
export function sampleKey({ name, labels }: Sample): string {
  return JSON.stringify([name, Object.entries(labels).sort()]);
}

/** Returns the label names of a family's samples, without duplicates. */
export function labelNamesOf({ samples }: FamilySnapshot): Set<string> {
  const names = new Set<string>();
  for (const { labels } of samples) for (const name of Object.keys(labels)) names.add(name);
  return names;
}

/** Returns the first sample that has a label of this name. */
export function sampleWith({ samples }: FamilySnapshot, label: string): Sample | undefined {
  return samples.find(({ labels }) => Object.hasOwn(labels, label));
}
