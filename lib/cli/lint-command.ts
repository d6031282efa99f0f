import { setTimeout as pause } from 'node:timers/promises';
import { isAtLeast, LINT_SEVERITIES, type LintFinding, type LintSeverity } from '../lint/finding.js';
import { lintPage } from '../lint/lint-page.js';
import type { FamilySnapshot } from '../model/family.js';
import {
  type Command,
  type CommandContext,
  CommandError,
  choiceOption,
  EXIT,
  numberOption,
  stringOption,
} from './command.js';
import {
  addressIn,
  familiesOn,
  fetchPage,
  loadSource,
  onlySource,
  SOURCE_HELP,
  SOURCE_OPTIONS,
} from './source/source.js';
import { type Style, sanitize } from './terminal.js';

const FAIL_ON = [...LINT_SEVERITIES, 'never'] as const;

export const lintCommand: Command = {
  name: 'lint',
  summary: 'check a page: names, units, labels, buckets, objectives',
  operands: '<source>',
  description: `Checks a page by promlint's rules, in the words of promtool check metrics, by OpenMetrics' rules,
and by its numbers: unsuitable buckets, unbounded labels, counters that decrease.

${SOURCE_HELP}`,
  examples: [
    'promark lint http://localhost:8000/metrics',
    'curl -s localhost:8000/metrics | promark lint -',
    'promark lint --fail-on error --json page.txt',
  ],
  options: {
    ...SOURCE_OPTIONS,
    'fail-on': {
      type: 'string',
      value: '<severity>',
      help: 'Exit with 1 if a finding has at least this severity: info, warning, error\nor never. Default: warning.',
    },
    twice: {
      type: 'string',
      value: '<seconds>',
      help: 'Read the page again after this time, to find counters that decrease.',
    },
    earlier: { type: 'string', value: '<file>', help: 'Compare with an earlier page of the same program.' },
    json: { type: 'boolean', help: 'Print the findings as JSON.' },
  },
  async run(context) {
    const { values, stdout } = context;
    const failOn = choiceOption(values, 'fail-on', FAIL_ON, 'warning');
    const findings = await lint(context);
    if (values.json === true) stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`);
    else print(findings, context);
    if (failOn === 'never') return EXIT.ok;
    return findings.some(({ severity }) => isAtLeast(severity, failOn)) ? EXIT.found : EXIT.ok;
  },
};

async function lint(context: CommandContext): Promise<LintFinding[]> {
  const { values, stderr } = context;
  const name = onlySource(context);
  const source = await loadSource(name, context);
  if (source.page === undefined)
    throw new CommandError('JSON has no lines to check: give the address or a file of a page in text or OpenMetrics.');
  const earlierFile = stringOption(values, 'earlier');
  let { page } = source;
  let earlier = earlierFile === undefined ? undefined : await earlierFamilies(earlierFile, context);
  const seconds = numberOption(values, 'twice', 0);
  if (seconds > 0) {
    const address = addressIn(name);
    if (address === undefined)
      throw new CommandError('--twice needs an address to read again; for files, use --earlier.');
    if (stderr.isTTY === true) stderr.write(`Reading ${name} again in ${seconds} s …\n`);
    await pause(seconds * 1000);
    earlier = familiesOn(page, name);
    page = await fetchPage(address, context);
  }
  return lintPage(page, {
    ...(source.hasMethods && { manifest: source.manifest }),
    ...(earlier !== undefined && { earlier }),
  });
}

async function earlierFamilies(file: string, context: CommandContext): Promise<readonly FamilySnapshot[]> {
  const { page, families } = await loadSource(file, context);
  if (families !== undefined) return families;
  if (page !== undefined) return familiesOn(page, file);
  throw new CommandError(`${file} is a manifest, which has no values to compare with.`);
}

const STYLES: Readonly<Record<LintSeverity, Style>> = { error: 'red', warning: 'yellow', info: 'cyan' };

function print(findings: readonly LintFinding[], { stdout, style }: CommandContext): void {
  for (const { id, severity, metric, message, remedy, line } of findings) {
    const where = line === undefined ? '' : `${style.paint('dim', `line ${line}:`)} `;
    const subject = metric === '' ? '' : `${style.paint('bold', sanitize(metric))} `;
    const head = `${style.paint(STYLES[severity], severity.padEnd(7))} ${where}${subject}`;
    stdout.write(`${head}${sanitize(message)} ${style.paint('dim', `[${id}]`)}\n        ${sanitize(remedy)}\n`);
  }
  const counts = [...LINT_SEVERITIES].reverse().flatMap((severity) => {
    const n = findings.filter((finding) => finding.severity === severity).length;
    return n === 0 ? [] : [`${n} ${severity}${n === 1 || severity === 'info' ? '' : 's'}`];
  });
  stdout.write(counts.length === 0 ? 'Nothing found.\n' : `${counts.join(', ')}.\n`);
}
