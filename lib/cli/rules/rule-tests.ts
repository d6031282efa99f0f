import { selector } from '../promql.js';
import { alertName, expectedAlerts, type RuleOptions } from './burn-rates.js';
import type { Slo } from './slo.js';
import type { YamlValue } from './yaml.js';

/** The duration of a test, after which the windows up to 1 h are full. */
const MINUTES = 90;

/** Calls per minute. */
const CALLS = 60;

/**
 * Returns promtool's test file for a rule file: for each objective, one test in which every call fails and the alerts
 * fire, and one in which no call fails and no alert fires. Omits objectives that are evaluated by native histograms, which
 * promtool 2.42 cannot express.
 */
export function ruleTests(slos: readonly Slo[], rulesFile: string, options: RuleOptions): YamlValue {
  const tests = slos.filter(({ isNative }) => !isNative).flatMap((slo) => [burn(slo, options), calm(slo)]);
  return { rule_files: [rulesFile], evaluation_interval: '5m', tests };
}

function burn(slo: Slo, options: RuleOptions): YamlValue {
  return {
    name: `${slo.name}: every call fails`,
    interval: '1m',
    input_series: series(slo, false),
    alert_rule_test: [
      {
        eval_time: `${MINUTES}m`,
        alertname: alertName(slo),
        exp_alerts: expectedAlerts(slo, '100%', options),
      },
    ],
  };
}

function calm(slo: Slo): YamlValue {
  return {
    name: `${slo.name}: no call fails`,
    interval: '1m',
    input_series: series(slo, true),
    alert_rule_test: [{ eval_time: `${MINUTES}m`, alertname: alertName(slo), exp_alerts: [] }],
  };
}

/** Returns the series of an objective's family while all calls succeed or all calls fail. */
function series(slo: Slo, succeeds: boolean): YamlValue[] {
  const { family, latency, matchers } = slo;
  const labels = matchers.filter(([, operator]) => operator === '=').map(([label, , value]) => [label, value] as const);
  const line = (name: string, more: readonly (readonly [string, string])[], grows: boolean): YamlValue => ({
    series: selector(
      name,
      [...labels, ...more].map(([label, value]) => [label, '=', value]),
    ),
    values: `0+${grows ? CALLS : 0}x${MINUTES}`,
  });
  const outcomes = family.labels.includes('result') ? (['ok', 'error'] as const) : ([undefined] as const);
  return outcomes.flatMap((outcome) => {
    const result = outcome === undefined ? [] : ([['result', outcome]] as const);
    // Without a result label, calls fail by being too slow.
    const grows = outcome === undefined || (outcome === 'ok') === succeeds;
    if (family.type === 'counter') return [line(family.name, result, grows)];
    const inTime = grows && (outcome === 'ok' || (outcome === undefined && succeeds));
    const bucket =
      latency === undefined ? [] : [line(`${family.name}_bucket`, [...result, ['le', String(latency)]], inTime)];
    return [line(`${family.name}_count`, result, grows), ...bucket];
  });
}
