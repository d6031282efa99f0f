import type { FamilySnapshot } from '../model/family.js';
import { error, type FamilyCheck, type LintFinding, type LintSubject, type Problem, sampleKey } from './finding.js';
import { numberChecks } from './numbers.js';
import { openMetricsChecks } from './openmetrics.js';
import { promlint } from './promlint.js';

const CHECKS: readonly FamilyCheck[] = [promlint, unique, openMetricsChecks, numberChecks];

/**
 * Checks families for problems with Prometheus, OpenMetrics and dashboards. The findings are in the order of the
 * families.
 *
 * @example
 * const findings = lintFamilies({ families: await registry.gather(), manifest: registry.manifest() });
 */
export function lintFamilies(subject: LintSubject): LintFinding[] {
  return subject.families.flatMap((family) => {
    const problems = CHECKS.flatMap((check) => [...check(family, subject)]);
    return problems.map((problem) => finding(family, problem, subject));
  });
}

function finding(family: FamilySnapshot, { sample, ...problem }: Problem, { lineOf }: LintSubject): LintFinding {
  const line = lineOf?.(sample ?? family);
  const { id, severity, message, remedy } = problem;
  return { id, severity, metric: family.name, message, remedy, ...(line !== undefined && { line }) };
}

function* unique({ samples }: FamilySnapshot): Iterable<Problem> {
  const seen = new Set<string>();
  for (const sample of samples) {
    const key = `${sampleKey(sample)} ${sample.timestamp}`;
    if (!seen.has(key)) {
      seen.add(key);
      continue;
    }
    const remedy = 'Write each set of labels once: Prometheus keeps one of the values and drops the others.';
    yield { ...error('not-unique', 'metric not unique', remedy), sample };
    return;
  }
}
