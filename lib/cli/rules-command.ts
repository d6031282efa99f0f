import { dirname, relative, resolve } from 'node:path';
import { pluralize } from '../model/errors.js';
import {
  type Command,
  type CommandContext,
  CommandError,
  EXIT,
  listOption,
  numberOption,
  stringOption,
  writeTo,
} from './command.js';
import type { Matcher } from './promql.js';
import { decimal } from './promql.js';
import { BURN_WINDOWS, type RuleGroup, type RuleOptions, reachable, rulesOf } from './rules/burn-rates.js';
import { ruleTests } from './rules/rule-tests.js';
import { type Slos, slosOf } from './rules/slo.js';
import { toYaml, type YamlValue } from './rules/yaml.js';
import { loadSource, onlySource, SOURCE_HELP, SOURCE_OPTIONS } from './source/source.js';

export const rulesCommand: Command = {
  name: 'rules',
  summary: "write Prometheus' recording rules and burn-rate alerts from the objectives of methods",
  operands: '<source>',
  description: `Writes recording rules and multi-window, multi-burn-rate alerts for every objective given by
@Timed({ objective }) or @Counted({ objective }), and an alert that fires if its metrics are missing.
The series have Sloth's names, so that its dashboards can be used.

${SOURCE_HELP}`,
  examples: [
    'promark rules http://localhost:8000/metrics --service shop > shop.rules.yml',
    'promark rules manifest.json --out shop.rules.yml --test shop.rules.test.yml && promtool test rules shop.rules.test.yml',
    'promark rules manifest.json --kubernetes --metadata-label release=prometheus | kubectl apply -f -',
  ],
  options: {
    ...SOURCE_OPTIONS,
    service: { type: 'string', value: '<name>', help: 'The name of the service in the labels of rules. Default: app.' },
    match: {
      type: 'string',
      multiple: true,
      value: '<label=value>',
      help: 'Use only series with this label, such as job=shop; may be repeated.',
    },
    'min-failures': {
      type: 'string',
      value: '<n>',
      help: 'Minimum number of failures in the long window for an alert. Default: 5; 0 for no limit.',
    },
    label: {
      type: 'string',
      multiple: true,
      value: '<name=value>',
      help: 'A label of every alert, such as team=orders.',
    },
    runbook: {
      type: 'string',
      value: '<url>',
      help: "The runbook's URL; {alert} is replaced with the name of the alert.",
    },
    dashboard: { type: 'string', value: '<url>', help: "The dashboard's URL." },
    out: { type: 'string', short: 'o', value: '<file>', help: 'Write to this file instead of the standard output.' },
    test: { type: 'string', value: '<file>', help: "Also write promtool's test of the rules; needs --out." },
    kubernetes: { type: 'boolean', help: 'Write a PrometheusRule of the Prometheus operator.' },
    name: { type: 'string', value: '<name>', help: 'The name of the PrometheusRule. Default: the service.' },
    namespace: { type: 'string', value: '<name>', help: 'The namespace of the PrometheusRule.' },
    'metadata-label': {
      type: 'string',
      multiple: true,
      value: '<name=value>',
      help: "A label of the PrometheusRule, which must match the Prometheus object's ruleSelector.",
    },
    json: { type: 'boolean', help: 'Print the rules as JSON.' },
  },
  async run(context) {
    const { values, stdout, stderr } = context;
    const out = stringOption(values, 'out');
    const test = stringOption(values, 'test');
    if (test !== undefined && (out === undefined || values.kubernetes === true || values.json === true)) {
      throw new CommandError(
        '--test needs --out and neither --kubernetes nor --json: promtool reads plain rule files.',
      );
    }
    const source = await loadSource(onlySource(context), context);
    const service = stringOption(values, 'service') ?? 'app';
    const slos = slosOf(
      source.manifest,
      service,
      pairs(context, 'match').map(([label, value]): Matcher => [label, '=', value]),
    );
    reportSkipped(slos, source.hasMethods, context);
    if (slos.slos.length === 0) return EXIT.found;
    const options = optionsOf(context);
    const groups = slos.slos.flatMap((slo) => rulesOf(slo, options));
    const document =
      values.kubernetes === true
        ? prometheusRule(groups, service, context)
        : { groups: groups as unknown as YamlValue };
    const output =
      values.json === true ? `${JSON.stringify(document, undefined, 2)}\n` : comment(slos) + toYaml(document);
    if (out === undefined) stdout.write(output);
    else await writeTo(out, output);
    if (test !== undefined && out !== undefined) {
      await writeTo(test, toYaml(ruleTests(slos.slos, relativeTo(test, out), options)));
    }
    if (out !== undefined)
      stderr.write(
        `${out}: ${groups.reduce((sum, { rules }) => sum + rules.length, 0)} rules for ${pluralize(slos.slos.length, 'objective')}.\n`,
      );
    return EXIT.ok;
  },
};

function optionsOf(context: CommandContext): RuleOptions {
  const { values } = context;
  return {
    minFailures: numberOption(values, 'min-failures', 5),
    labels: Object.fromEntries(pairs(context, 'label')),
    runbook: stringOption(values, 'runbook'),
    dashboard: stringOption(values, 'dashboard'),
  };
}

/** Parses options of the form `name=value`. */
function pairs({ values }: CommandContext, option: string): (readonly [string, string])[] {
  return listOption(values, option).map((text) => {
    const equals = text.indexOf('=');
    if (equals < 1) throw new CommandError(`--${option} must be name=value, got "${text}".`);
    return [text.slice(0, equals), text.slice(equals + 1)] as const;
  });
}

/** Writes to stderr which objectives and windows get no rules, and why. */
function reportSkipped({ slos, skipped }: Slos, hasMethods: boolean, { stderr }: CommandContext): void {
  for (const { subject, reason } of skipped)
    stderr.write(`promark: no rules for the objective of ${subject}: ${reason}.\n`);
  for (const slo of slos) {
    const missing = BURN_WINDOWS.filter((windows) => !reachable(slo).includes(windows));
    for (const { short, long, factor } of missing) {
      stderr.write(
        `promark: ${slo.name}: no alert for ${short} and ${long}: ${factor} times a budget of ${decimal((1 - slo.target) * 100)} % exceeds 100 %.\n`,
      );
    }
  }
  if (slos.length > 0 || skipped.length > 0) return;
  stderr.write(
    hasMethods
      ? 'promark: there are no objectives. Give a method one: @Counted({ objective: { target: 0.999 } }).\n'
      : 'promark: a page has no objectives. Give the address of a program that uses promark, or its manifest.\n',
  );
}

function comment({ slos }: Slos): string {
  const native = slos.filter(({ isNative }) => isNative).map(({ name }) => name);
  const lines = ['# Generated by promark rules. Do not edit: generate it again when objectives change.'];
  if (native.length > 0) lines.push(`# Needs native histograms (Prometheus 2.50 or newer): ${native.join(', ')}.`);
  return `${lines.join('\n')}\n`;
}

function prometheusRule(groups: readonly RuleGroup[], service: string, context: CommandContext): YamlValue {
  const { values } = context;
  const labels = Object.fromEntries(pairs(context, 'metadata-label'));
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: {
      name: stringOption(values, 'name') ?? service,
      namespace: stringOption(values, 'namespace'),
      ...(Object.keys(labels).length > 0 && { labels }),
    },
    spec: { groups: groups as unknown as YamlValue },
  };
}

/** Returns a path relative to the folder of the test file, as promtool resolves it. */
function relativeTo(test: string, file: string): string {
  return relative(dirname(resolve(test)), resolve(file));
}
