import { decimal, selector } from '../promql.js';
import type { Slo } from './slo.js';
import type { YamlValue } from './yaml.js';

/** A pair of windows. The short one makes the alert end soon after the failures do. */
export interface BurnWindows {
  readonly severity: 'page' | 'ticket';
  readonly short: string;
  readonly long: string;
  /** The burn rate: how many times faster than allowed the budget is spent. */
  readonly factor: number;
}

/** For a period of 30 days (Google's SRE workbook, chapter 5). */
export const BURN_WINDOWS: readonly BurnWindows[] = [
  { severity: 'page', short: '5m', long: '1h', factor: 14.4 },
  { severity: 'page', short: '30m', long: '6h', factor: 6 },
  { severity: 'ticket', short: '2h', long: '1d', factor: 3 },
  { severity: 'ticket', short: '6h', long: '3d', factor: 1 },
];

const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d', '30d'];
const PERIOD_DAYS = 30;

/** Options for the rules. */
export interface RuleOptions {
  /** Minimum number of failures in the long window for an alert to fire; 0 for no limit. */
  readonly minFailures: number;
  /** Labels added to every alert, in addition to its severity. */
  readonly labels: Readonly<Record<string, string>>;
  /** The URL of the runbook; `{alert}` is replaced with the alert's name. */
  readonly runbook: string | undefined;
  readonly dashboard: string | undefined;
}

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** Returns the windows whose burn rate an objective can reach: not more than all calls can fail. */
export function reachable({ target }: Slo): BurnWindows[] {
  return BURN_WINDOWS.filter(({ factor }) => Number(decimal(factor * (1 - target))) < 1);
}

/** Returns all rules of an objective. */
export function rulesOf(slo: Slo, options: RuleOptions): RuleGroup[] {
  return [
    { name: `slo-sli-recordings-${idOf(slo)}`, rules: ratios(slo) },
    { name: `slo-meta-recordings-${idOf(slo)}`, rules: meta(slo) },
    { name: `slo-alerts-${idOf(slo)}`, rules: [...burns(slo, options), absent(slo, options)] },
  ];
}

function idOf({ service, name }: Slo): string {
  return `${service}-${name}`;
}

/** Uses the names of Sloth, so that its dashboards work. */
function sloLabels(slo: Slo): Record<string, string> {
  return { sloth_id: idOf(slo), sloth_service: slo.service, sloth_slo: slo.name };
}

function recorded(record: string, slo: Slo): string {
  return selector(record, [['sloth_id', '=', idOf(slo)]]);
}

const BAD = 'slo:sli_bad:rate5m';
const ALL = 'slo:sli_all:rate5m';

/**
 * Records the rates of bad calls and of all calls, and divides their sums: an average of ratios would give a quiet hour
 * the weight of a busy one. Without calls there is no sample, because NaN would propagate.
 */
function ratios(slo: Slo): Rule[] {
  const labels = sloLabels(slo);
  const windows = WINDOWS.map((window): Rule => {
    const sum = (name: string) =>
      window === '5m' ? recorded(name, slo) : `sum_over_time(${recorded(name, slo)}[${window}])`;
    return {
      record: `slo:sli_error:ratio_rate${window}`,
      expr: `${sum(BAD)}\n/\n(${sum(ALL)} > 0)`,
      labels: { ...labels, sloth_window: window },
    };
  });
  return [
    { record: ALL, expr: slo.all('rate', '5m'), labels },
    { record: BAD, expr: slo.bad('rate', '5m'), labels },
    ...windows,
  ];
}

function meta(slo: Slo): Rule[] {
  const labels = sloLabels(slo);
  const budget = decimal(1 - slo.target);
  const burn = (window: string) =>
    `max without (sloth_window) (${recorded(`slo:sli_error:ratio_rate${window}`, slo)}) / ${budget}`;
  return [
    { record: 'slo:objective:ratio', expr: `vector(${decimal(slo.target)})`, labels },
    { record: 'slo:error_budget:ratio', expr: `vector(${budget})`, labels },
    { record: 'slo:time_period:days', expr: `vector(${PERIOD_DAYS})`, labels },
    { record: 'slo:current_burn_rate:ratio', expr: burn('5m'), labels },
    { record: 'slo:period_burn_rate:ratio', expr: burn('30d'), labels },
    {
      record: 'slo:period_error_budget_remaining:ratio',
      expr: `1 - ${recorded('slo:period_burn_rate:ratio', slo)}`,
      labels,
    },
    {
      record: 'sloth_slo_info',
      expr: 'vector(1)',
      labels: { ...labels, sloth_mode: 'promark', sloth_objective: decimal(slo.target * 100) },
    },
  ];
}

/** Returns the name of an objective's alert. */
export function alertName({ alert, latency }: Slo): string {
  return `${alert}${latency === undefined ? 'ErrorBudgetBurn' : 'LatencyBudgetBurn'}`;
}

function burns(slo: Slo, options: RuleOptions): Rule[] {
  const severities = [...new Set(reachable(slo).map(({ severity }) => severity))];
  return severities.map((severity) => ({
    alert: alertName(slo),
    expr: reachable(slo)
      .filter((windows) => windows.severity === severity)
      .map((windows) => burn(slo, windows, options))
      .join('\nor\n'),
    labels: { severity, sloth_severity: severity, ...options.labels },
    annotations: annotations(alertName(slo), options, {
      summary: `The error budget of ${slo.subject} is being spent too fast.`,
      description: `${whatFails(slo)} The objective is ${decimal(slo.target * 100)} % over ${PERIOD_DAYS} days.${guardNote(options)}`,
    }),
  }));
}

function burn(slo: Slo, { short, long, factor }: BurnWindows, { minFailures }: RuleOptions): string {
  const limit = decimal(factor * (1 - slo.target));
  const above = (window: string) => {
    return `max without (sloth_window) (${recorded(`slo:sli_error:ratio_rate${window}`, slo)} > ${limit})`;
  };
  const guard = minFailures > 0 ? [`and on ()\n(${slo.bad('increase', long)} > ${decimal(minFailures - 0.5)})`] : [];
  return `(\n${[above(short), `and\n${above(long)}`, ...guard].join('\n').replaceAll(/^/gm, '  ')}\n)`;
}

function whatFails({ subject, latency }: Slo): string {
  const of = `{{ $value | humanizePercentage }} of the ${subject}`;
  return latency === undefined ? `${of} fail.` : `${of} fail or take longer than ${decimal(latency)} s.`;
}

function guardNote({ minFailures }: RuleOptions): string {
  return minFailures > 0 ? ` Fewer than ${minFailures} failures in the long window do not alert.` : '';
}

/** Returns the name of the alert for a missing family. */
export function absentName({ alert }: Slo): string {
  return `${alert}MetricAbsent`;
}

/** Without its family, an objective would never alert. Tolerates two failed scrapes. */
function absent(slo: Slo, options: RuleOptions): Rule {
  return {
    alert: absentName(slo),
    expr: `absent(${slo.presence})`,
    for: '10m',
    labels: { severity: 'ticket', sloth_severity: 'ticket', ...sloLabels(slo), ...options.labels },
    annotations: annotations(absentName(slo), options, {
      summary: `There are no metrics of ${slo.subject}.`,
      description: `${slo.family.name} is missing: the program is down or not scraped, or it no longer has the method.`,
    }),
  };
}

function annotations(alert: string, { runbook, dashboard }: RuleOptions, texts: Record<string, string>) {
  return {
    ...texts,
    ...(runbook !== undefined && { runbook_url: runbook.replaceAll('{alert}', alert) }),
    ...(dashboard !== undefined && { dashboard_url: dashboard }),
  };
}

/**
 * Returns the alerts of an objective that this ratio of calls misses: labels, and annotations with the ratio filled in.
 */
export function expectedAlerts(slo: Slo, ratio: string, options: RuleOptions): YamlValue[] {
  return burns(slo, options).map(({ labels, annotations = {} }) => {
    const filled = Object.entries(annotations).map(([name, text]) => {
      return [name, text.replace('{{ $value | humanizePercentage }}', ratio)] as const;
    });
    return { exp_labels: { ...sloLabels(slo), ...labels }, exp_annotations: Object.fromEntries(filled) };
  });
}
