import type { FamilyRules } from '../formats/parser/families.js';
import { readOpenMetrics } from '../formats/parser/openmetrics-parser.js';
import { openMetricsRules } from '../formats/parser/openmetrics-rules.js';
import { readText, TEXT_RULES } from '../formats/parser/text-parser.js';
import { ParseError } from '../model/errors.js';
import type { FamilySnapshot, Sample } from '../model/family.js';
import type { LintFinding, LintSubject } from './finding.js';
import { lintFamilies } from './lint.js';

/** Information about a page's families from other sources. */
export type LintPageOptions = Pick<LintSubject, 'manifest' | 'earlier'>;

/**
 * Checks a page in text 0.0.4 or, if it ends with `# EOF`, in OpenMetrics. A page that cannot be parsed has a single
 * finding, `unreadable`.
 */
export function lintPage(page: string, options: LintPageOptions = {}): LintFinding[] {
  const lines = new SampleLines();
  try {
    const families = isOpenMetrics(page)
      ? readOpenMetrics(page, lines.recording(openMetricsRules(false)))
      : readText(page, lines.recording(TEXT_RULES));
    const findings = lintFamilies({ ...options, families, lineOf: lines.of });
    return findings.concat(withoutSamples(families), families.length === 0 ? [NO_FAMILIES] : []);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const message = error.message.replace(/^line \d+: /, '');
    const remedy = 'Fix this first: a scraper rejects the whole page.';
    return [{ id: 'unreadable', severity: 'error', metric: '', message, remedy, line: error.line }];
  }
}

const NO_FAMILIES: LintFinding = {
  id: 'no-families',
  severity: 'warning',
  metric: '',
  message: 'there are no families on the page',
  remedy: 'Check the address or the file, and whether the program creates its metrics in the registry of this page.',
};

/** Whether a page is in OpenMetrics, by its last line. */
export function isOpenMetrics(page: string): boolean {
  return /(?:^|\n)# EOF\n?$/.test(page);
}

/** Records the lines of a page's samples. Accepts invalid values, which the checks report. */
class SampleLines {
  private readonly samples = new WeakMap<Sample, number>();

  readonly of = (part: FamilySnapshot | Sample): number | undefined => {
    const sample = 'samples' in part ? part.samples[0] : part;
    return sample && this.samples.get(sample);
  };

  recording(rules: FamilyRules): FamilyRules {
    const check = { add: (sample: Sample, _: string, line: number) => this.samples.set(sample, line), end: () => {} };
    return {
      suffixes: (type) => rules.suffixes(type),
      snapshotName: (name, type) => rules.snapshotName(name, type),
      check: () => check,
    };
  }
}

function withoutSamples(families: readonly FamilySnapshot[]): LintFinding[] {
  return families
    .filter(({ samples }) => samples.length === 0)
    .map(({ name }) => ({
      id: 'no-samples',
      severity: 'info',
      metric: name,
      message: 'there is no sample yet',
      remedy: 'Call labels(…) with the usual values at startup, so that rates include the first increments.',
    }));
}
