import { AssertionError } from 'node:assert';
import { isAtLeast, LINT_SEVERITIES, type LintFinding, type LintSeverity } from '../lint/finding.js';
import { lintFamilies } from '../lint/lint.js';
import { pluralize } from '../model/errors.js';
import type { FamilyManifest } from '../model/manifest.js';
import { checkOptions, type OptionRules, rule } from '../model/options.js';
import { familiesOf, type SampleSource } from './samples.js';

export type { LintFinding, LintSeverity };

/** Options of `lint`. */
export interface LintOptions {
  /** The names of the families to check. Default: all. */
  readonly names?: readonly string[];
  /** The checks to skip, by their `id`. Default: none. */
  readonly ignore?: readonly string[];
  /** The minimum severity that fails: `error`, `warning` or `info`. Default: `warning`. */
  readonly severity?: LintSeverity;
}

const names = {
  expected: 'an array of names',
  accepts: (value: unknown) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
};

const RULES: OptionRules<LintOptions> = { names, ignore: names, severity: rule.oneOf(...LINT_SEVERITIES) };

/**
 * Checks names, units, labels and values as `promtool check metrics` and the rules of OpenMetrics do. Throws
 * AssertionError, which lists the problems and how to fix them, and ConfigError for invalid options; returns less severe
 * findings.
 *
 * @example
 * await lint(register);
 * await lint(register, { names: ['orders_total'], ignore: ['no-help'] });
 */
export async function lint(source: SampleSource, options: LintOptions = {}): Promise<LintFinding[]> {
  checkOptions<LintOptions>('lint', options, RULES);
  const { names, ignore = [], severity = 'warning' } = options;
  const all = await familiesOf(source);
  const families = names === undefined ? all : all.filter(({ name }) => names.includes(name));
  const manifest = manifestOf(source);
  const findings = lintFamilies({ families, ...(manifest && { manifest }) }).filter(({ id }) => !ignore.includes(id));
  const severe = findings.filter((finding) => isAtLeast(finding.severity, severity));
  if (severe.length === 0) return findings;
  const lines = severe.map(({ metric, message, remedy, id }) => `  ${metric}: ${message} (${id})\n    ${remedy}`);
  throw new AssertionError({
    message: [`${pluralize(severe.length, 'problem')} with metrics:`, ...lines].join('\n'),
    actual: severe,
    expected: [],
    operator: 'lint',
    stackStartFn: lint,
  });
}

/** A registry knows more about its families than their samples show. */
function manifestOf(source: SampleSource): readonly FamilyManifest[] | undefined {
  const { manifest } = source as { readonly manifest?: () => readonly FamilyManifest[] };
  return typeof manifest === 'function' ? manifest.call(source) : undefined;
}
