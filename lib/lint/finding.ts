import type { FamilySnapshot, Sample } from '../model/family.js';
import type { FamilyManifest } from '../model/manifest.js';

/** How bad a finding is: `error` for pages that scrapers misread, `warning` for what misleads, `info` for matters of taste. */
export type LintSeverity = (typeof LINT_SEVERITIES)[number];

export const LINT_SEVERITIES = ['info', 'warning', 'error'] as const;

/** Whether a severity is as bad as another one, or worse. */
export function isAtLeast(severity: LintSeverity, least: LintSeverity): boolean {
  return LINT_SEVERITIES.indexOf(severity) >= LINT_SEVERITIES.indexOf(least);
}

/** One problem of a metric. */
export interface LintFinding {
  /** Names the check, such as `counter-total`; stable over releases. */
  readonly id: string;
  readonly severity: LintSeverity;
  /** The family; empty if the page as a whole is concerned. */
  readonly metric: string;
  /** What is wrong. For promlint's checks, in promlint's words. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  /** The line of the page, counted from 1; undefined if there is no page. */
  readonly line?: number;
}

/** What is checked: families, and what else is known of them. */
export interface LintSubject {
  readonly families: readonly FamilySnapshot[];
  /** Methods and objectives of the families, where they are known. */
  readonly manifest?: readonly FamilyManifest[];
  /** The same families at an earlier time, for checks of what has happened since. */
  readonly earlier?: readonly FamilySnapshot[];
  /** The line of a family's first sample, or of one sample. */
  readonly lineOf?: (part: FamilySnapshot | Sample) => number | undefined;
}

/** Looks at one family. */
export type FamilyCheck = (family: FamilySnapshot, subject: LintSubject) => Iterable<Problem>;

/** A finding without what all findings on a family share. */
export interface Problem extends Pick<LintFinding, 'id' | 'severity' | 'message' | 'remedy'> {
  /** The sample that shows it. Default: the family as a whole. */
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

/** The name and labels of a sample, in whatever order they are written. */
export function seriesKey({ name, labels }: Sample): string {
  return JSON.stringify([name, Object.entries(labels).sort()]);
}

/** The label names that samples of a family have, each once. */
export function labelNamesOf({ samples }: FamilySnapshot): Set<string> {
  const names = new Set<string>();
  for (const { labels } of samples) for (const name of Object.keys(labels)) names.add(name);
  return names;
}

/** The first sample that has a label of this name. */
export function sampleWith({ samples }: FamilySnapshot, label: string): Sample | undefined {
  return samples.find(({ labels }) => Object.hasOwn(labels, label));
}
