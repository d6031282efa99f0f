import { createHash } from 'node:crypto';
import type { FamilyManifest } from '../../model/manifest.js';
import { decimal, type Matcher, selector } from '../promql.js';
import { type Slo, slosOf } from '../rules/slo.js';
import { DATASOURCE, layOut, type Panel, type PanelRow } from './panels.js';

/** Conditions on every series: the variables selected at the top of the dashboard. */
const SELECTED: readonly Matcher[] = [
  ['job', '=~', '$job'],
  ['instance', '=~', '$instance'],
];
const INTERVAL = '$__rate_interval';

export interface DashboardOptions {
  readonly title: string;
  readonly uid: string | undefined;
}

/** Returns a Grafana dashboard for a program, in the classic JSON model, which every Grafana version imports. */
export function dashboardOf(manifest: readonly FamilyManifest[], { title, uid }: DashboardOptions): object {
  return {
    uid: uid ?? createHash('sha256').update(title).digest('hex').slice(0, 12),
    title,
    tags: ['promark', ...(manifest.some(({ name }) => NODE.test(name)) ? ['nodejs'] : [])],
    schemaVersion: 42,
    editable: true,
    graphTooltip: 1,
    time: { from: 'now-1h', to: 'now' },
    refresh: '30s',
    templating: { list: variables() },
    annotations: { list: [restarts()] },
    panels: layOut(rowsOf(manifest)),
  };
}

function variables(): object[] {
  const values = (name: string, query: string) => ({
    name,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: name },
    definition: query,
    refresh: 2,
    multi: true,
    includeAll: true,
    allValue: '.+',
    current: { text: 'All', value: '$__all' },
    sort: 1,
  });
  return [
    { name: 'datasource', type: 'datasource', query: 'prometheus' },
    values('job', 'label_values(process_start_time_seconds, job)'),
    values('instance', 'label_values(process_start_time_seconds{job=~"$job"}, instance)'),
  ];
}

function restarts(): object {
  return {
    name: 'Restarts',
    enable: true,
    datasource: DATASOURCE,
    expr: `changes(${selector('process_start_time_seconds', SELECTED)}[${INTERVAL}]) > 0`,
    titleFormat: 'Restart of {{instance}}',
    iconColor: 'orange',
  };
}

const NODE = /(?:^|_)nodejs_/;

/** Families with dedicated panels. */
const HTTP = /(?:^|_)http_request_duration_seconds$/;
const METHOD_SECONDS = /(?:^|_)method_duration_seconds$/;
const METHOD_CALLS = /(?:^|_)method_calls_total$/;
const IN_PROGRESS = /_in_?progress$/;
const RUNTIME = /(?:^|_)(?:nodejs|process|promark)_/;

function rowsOf(manifest: readonly FamilyManifest[]): PanelRow[] {
  const fitting = (pattern: RegExp) => manifest.filter(({ name }) => pattern.test(name));
  const shown = [HTTP, METHOD_SECONDS, METHOD_CALLS, IN_PROGRESS, RUNTIME, /(?:^|_)http_re(?:quest|sponse)_/];
  const others = manifest.filter(({ name }) => !shown.some((pattern) => pattern.test(name)));
  return [
    { title: 'HTTP', panels: fitting(HTTP).flatMap(http) },
    { title: 'Objectives', panels: objectives(manifest) },
    {
      title: 'Methods',
      panels: [...fitting(METHOD_SECONDS).flatMap(durations), ...fitting(METHOD_CALLS).flatMap(calls)],
    },
    { title: 'In progress', panels: fitting(IN_PROGRESS).map(value) },
    { title: 'Metrics of this program', panels: others.flatMap(familyPanels) },
    { title: 'Runtime', panels: runtime(manifest) },
  ];
}

function rate(name: string, more: readonly Matcher[] = []): string {
  return `rate(${selector(name, [...SELECTED, ...more])}[${INTERVAL}])`;
}

/** `by (a, b)`, or nothing. */
function by(labels: readonly string[]): string {
  return labels.length === 0 ? '' : ` by (${labels.join(', ')})`;
}

/** A quantile of a histogram, from classic buckets or, if there are none, from native ones. */
export function quantileOf(q: number, name: string, labels: readonly string[] = []): string {
  const classic = `histogram_quantile(${q}, sum by (${['le', ...labels].join(', ')}) (${rate(`${name}_bucket`)}))`;
  return `${classic} or histogram_quantile(${q}, sum${by(labels)} (${rate(name)}))`;
}

/** Calls per second. A server that stores native histograms may lack the classic series of the same family. */
function count({ type, name, buckets }: FamilyManifest, more: readonly Matcher[] = []): string {
  if (type === 'counter') return rate(name, more);
  const native = `histogram_count(${rate(name, more)})`;
  if (type === 'histogram' && buckets?.length === 0) return native;
  return type === 'histogram' ? `(${rate(`${name}_count`, more)} or ${native})` : rate(`${name}_count`, more);
}

/** The ratio of failed calls; 0 if none failed. */
function errorRatio(family: FamilyManifest, labels: readonly string[], failure: Matcher): string {
  const all = `sum${by(labels)} (${count(family)})`;
  return `(sum${by(labels)} (${count(family, [failure])}) or 0 * ${all}) / (${all} > 0)`;
}

function heatmap({ name, buckets }: FamilyManifest, title: string): Panel {
  const native = `sum(${rate(name)})`;
  const expr = buckets?.length === 0 ? native : `sum by (le) (${rate(`${name}_bucket`)}) or on() ${native}`;
  return { title, type: 'heatmap', unit: unitOf(name), targets: [{ expr, format: 'heatmap', legend: '{{le}}' }] };
}

function http(family: FamilyManifest): Panel[] {
  const { labels, name } = family;
  const route = labels.filter((label) => ['method', 'route'].includes(label));
  const legend = route.map((label) => `{{${label}}}`).join(' ');
  const status = ['status_code', 'status', 'code'].find((label) => labels.includes(label));
  const errors =
    status === undefined
      ? []
      : [
          {
            title: 'Errors',
            type: 'timeseries' as const,
            unit: 'percentunit',
            targets: [
              {
                expr: errorRatio(family, route, [status, '=~', '5..']),
                legend,
              },
            ],
          },
        ];
  return [
    {
      title: 'Requests',
      type: 'timeseries',
      unit: 'reqps',
      targets: [{ expr: `sum${by(route)} (${count(family)})`, legend }],
    },
    ...errors,
    {
      title: 'Duration, p99',
      type: 'timeseries',
      unit: 's',
      targets: [{ expr: quantileOf(0.99, name, route), legend }],
    },
    heatmap(family, 'Durations'),
  ];
}

function durations(family: FamilyManifest): Panel[] {
  const labels = ['class', 'method'];
  const legend = '{{class}}.{{method}}';
  return [
    ...calls(family),
    {
      title: `${family.name}, p99`,
      type: 'timeseries',
      unit: 's',
      targets: [{ expr: quantileOf(0.99, family.name, labels), legend }],
    },
  ];
}

function calls(family: FamilyManifest): Panel[] {
  const labels = ['class', 'method'];
  const legend = '{{class}}.{{method}}';
  const all = `sum${by(labels)} (${count(family)})`;
  return [
    { title: `Calls by ${family.name}`, type: 'timeseries', unit: 'cps', targets: [{ expr: all, legend }] },
    {
      title: `Errors by ${family.name}`,
      type: 'timeseries',
      unit: 'percentunit',
      targets: [{ expr: errorRatio(family, labels, ['result', '=', 'error']), legend }],
    },
  ];
}

function objectives(manifest: readonly FamilyManifest[]): Panel[] {
  const { slos } = slosOf(manifest, 'app', SELECTED);
  const asNative = manifest.map((family) => (family.type === 'histogram' ? { ...family, buckets: [] } : family));
  const natives = new Map(slosOf(asNative, 'app', SELECTED).slos.map((slo) => [slo.name, slo]));
  const budgetLeft = ({ bad, all, target }: Slo) =>
    `1 - (${bad('increase', '$__range')}) / (${all('increase', '$__range')} > 0) / ${decimal(1 - target)}`;
  return slos.map((slo) => {
    const native = slo.family.type === 'histogram' && !slo.isNative ? natives.get(slo.name) : undefined;
    const within = slo.latency === undefined ? '' : ` within ${decimal(slo.latency)} s`;
    return {
      title: `Budget of ${slo.subject} (${decimal(slo.target * 100)} %${within})`,
      description: 'The ratio of the error budget that is left over the time range. Below 0, the objective is missed.',
      type: 'timeseries',
      unit: 'percentunit',
      targets: [
        {
          expr: native === undefined ? budgetLeft(slo) : `${budgetLeft(slo)} or ${budgetLeft(native)}`,
          legend: 'left',
        },
      ],
    };
  });
}

/** Returns Grafana's name for a unit. */
function unitOf(name: string, unit = ''): string {
  const own = unit === '' ? /_(seconds|bytes|ratio)(?:_total)?$/.exec(name)?.[1] : unit;
  return own === 'seconds' ? 's' : own === 'bytes' ? 'bytes' : own === 'ratio' ? 'percentunit' : 'short';
}

function legendOf(labels: readonly string[]): string {
  return labels.length === 0 ? '{{instance}}' : labels.map((label) => `{{${label}}}`).join(' ');
}

function value(family: FamilyManifest): Panel {
  const { name, unit, labels, help } = family;
  const kept = labels.slice(0, 3);
  return {
    title: name,
    description: help,
    type: 'timeseries',
    unit: unitOf(name, unit),
    targets: [
      { expr: `sum by (${[...kept, 'instance'].join(', ')}) (${selector(name, SELECTED)})`, legend: legendOf(kept) },
    ],
  };
}

function familyPanels(family: FamilyManifest): Panel[] {
  const { name, type, unit, labels, help } = family;
  const kept = labels.slice(0, 3);
  const common = { description: help, unit: unitOf(name, unit) };
  if (type === 'counter') {
    return [
      {
        title: `${name}, per second`,
        ...common,
        type: 'timeseries',
        targets: [{ expr: `sum${by(kept)} (${rate(name)})`, legend: legendOf(kept) }],
      },
    ];
  }
  if (type === 'histogram') {
    const lines = [0.5, 0.9, 0.99].map((q) => ({ expr: quantileOf(q, name), legend: `p${q * 100}` }));
    return [{ title: name, ...common, type: 'timeseries', targets: lines }, heatmap(family, `${name}, spread`)];
  }
  if (type === 'summary') {
    return [
      {
        title: name,
        ...common,
        type: 'timeseries',
        targets: [{ expr: selector(name, SELECTED), legend: '{{instance}} {{quantile}}' }],
      },
    ];
  }
  if (type === 'stateset') {
    return [
      {
        title: name,
        ...common,
        type: 'state-timeline',
        targets: [{ expr: `${selector(name, SELECTED)} == 1`, legend: `{{instance}} {{${name}}}` }],
      },
    ];
  }
  if (type === 'info')
    return [{ title: name, ...common, type: 'stat', targets: [{ expr: selector(`${name}_info`, SELECTED) }] }];
  return [value(family)];
}

/** The panels about the runtime, each shown if the program has its family. */
const RUNTIME_PANELS: readonly (readonly [
  name: string,
  title: string,
  unit: string,
  expr: (series: (name: string) => string, rate: (name: string) => string) => string,
  legend: string,
])[] = [
  [
    'process_cpu_seconds_total',
    'CPU',
    'percentunit',
    (_, perSecond) => perSecond('process_cpu_seconds_total'),
    '{{instance}}',
  ],
  [
    'process_resident_memory_bytes',
    'Memory',
    'bytes',
    (series) => series('process_resident_memory_bytes'),
    '{{instance}}',
  ],
  [
    'nodejs_heap_size_used_bytes',
    'Heap used',
    'bytes',
    (series) => series('nodejs_heap_size_used_bytes'),
    '{{instance}}',
  ],
  [
    'nodejs_eventloop_lag_p99_seconds',
    'Event loop lag, p99',
    's',
    (series) => series('nodejs_eventloop_lag_p99_seconds'),
    '{{instance}}',
  ],
  [
    'nodejs_gc_duration_seconds',
    'Garbage collection',
    'percentunit',
    (_, perSecond) =>
      `sum by (kind, instance) (${perSecond('nodejs_gc_duration_seconds_sum')} or histogram_sum(${perSecond('nodejs_gc_duration_seconds')}))`,
    '{{instance}} {{kind}}',
  ],
  [
    'nodejs_active_handles_total',
    'Active handles',
    'short',
    (series) => series('nodejs_active_handles_total'),
    '{{instance}}',
  ],
  [
    'nodejs_version_info',
    'Versions',
    'short',
    (series) => `count by (version) (${series('nodejs_version_info')})`,
    '{{version}}',
  ],
];

function runtime(manifest: readonly FamilyManifest[]): Panel[] {
  return RUNTIME_PANELS.flatMap(([name, title, unit, expr, legend]) => {
    // The program may add a prefix to all names.
    const family = manifest.find(
      (known) =>
        known.name === name ||
        known.name.endsWith(`_${name}`) ||
        (known.type === 'info' && `${known.name}_info` === name),
    );
    if (family === undefined) return [];
    const prefix = family.name.endsWith(name) ? family.name.slice(0, family.name.length - name.length) : '';
    const query = expr(
      (metric) => selector(prefix + metric, SELECTED),
      (metric) => rate(prefix + metric),
    );
    return [{ title, type: 'timeseries' as const, unit, targets: [{ expr: query, legend }] }];
  });
}
