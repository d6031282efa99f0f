import { useEffect, useRef } from 'preact/hooks';
import { drawSparkline, prepareCanvas } from './canvases.js';
import { color } from './charts.js';
import type { Family, Store } from './families.js';
import { SeriesMemo } from './memo.js';
import { formatValue } from './numbers.js';
import { budgetUsed, quantile, recentBuckets, sumOfRates } from './rates.js';

/** The requests of a route, or the calls of a method. */
interface Group {
  readonly name: string;
  readonly rows: readonly number[];
  readonly failed: readonly number[];
}

interface Props {
  readonly store: Store;
  readonly sample: number;
}

/** The family that measures HTTP requests, with its rows by route. */
export function requestsOf(store: Store): { readonly family: Family; readonly groups: readonly Group[] } | undefined {
  const family = ['http_request_duration_seconds', 'http_server_request_duration_seconds']
    .map((name) => findEnding(store, name))
    .find(Boolean);
  if (family === undefined) return undefined;
  const status = ['status_code', 'status', 'code'].find((label) => family.head.labels.includes(label));
  const groups = groupBy(
    family,
    status,
    (row) => {
      const labels = new Map(family.labelsOf(row));
      return `${labels.get('method') ?? ''} ${labels.get('route') ?? labels.get('path') ?? labels.get('handler') ?? ''}`.trim();
    },
    (row) => status !== undefined && /^5/.test(new Map(family.labelsOf(row)).get(status) ?? ''),
  );
  return { family, groups };
}

/** Finds a family by its name, before which an app may have put a prefix. */
function findEnding(store: Store, name: string): Family | undefined {
  for (const family of store.families.values()) {
    if (family.head.name === name || family.head.name.endsWith(`_${name}`)) return family;
  }
  return undefined;
}

const groupsByFamily = new SeriesMemo<readonly Group[]>();

/** Groups the rows of a family by name, and caches the groups until a series is added or removed. */
function groupBy(
  family: Family,
  key: unknown,
  nameOf: (row: number) => string,
  hasFailed: (row: number) => boolean,
): readonly Group[] {
  return groupsByFamily.of(family, key, () => {
    const groups = new Map<string, { readonly name: string; readonly rows: number[]; readonly failed: number[] }>();
    for (const row of family.live) {
      const name = nameOf(row);
      const group = groups.get(name) ?? { name, rows: [] as number[], failed: [] as number[] };
      group.rows.push(row);
      if (hasFailed(row)) group.failed.push(row);
      groups.set(name, group);
    }
    return [...groups.values()];
  });
}

/** The current rate, error ratio and p99 of a group. */
function currentState(store: Store, family: Family, { rows, failed }: Group) {
  const last = store.times.length - 1;
  const rate = sumOfRates(store, family, rows, last);
  const errors = failed.length === 0 ? 0 : sumOfRates(store, family, failed, last) || 0;
  const p99 = quantile(0.99, recentBuckets(family, rows, last));
  return { rate, errorRatio: rate > 0 ? errors / rate : 0, p99 };
}

const failedRows = new SeriesMemo<readonly number[]>();

/** The few numbers to look at first. */
export function KeyFigures({ store }: Props) {
  const requests = requestsOf(store);
  const last = store.times.length - 1;
  const values = (name: string) => {
    const family = findEnding(store, name);
    return family?.live.map((row) => family.values[row * family.lines]).filter((value) => !Number.isNaN(value));
  };
  const sum = (name: string) => values(name)?.reduce((total, value) => total + value, 0);
  // The worst of several threads or processes.
  const largest = (name: string) => values(name)?.reduce((found, value) => Math.max(found, value), 0);
  const rate = (name: string) => {
    const family = findEnding(store, name);
    return family === undefined ? undefined : sumOfRates(store, family, family.live, last);
  };
  const numbers: [string, string, boolean?][] = [];
  if (requests !== undefined) {
    const { family, groups } = requests;
    const failed = failedRows.of(family, groups, () => groups.flatMap((group) => group.failed));
    const now = currentState(store, family, { name: '', rows: family.live, failed });
    numbers.push(
      ['Requests', `${formatValue(now.rate)}/s`],
      ['Errors', formatValue(now.errorRatio, 'ratio'), now.errorRatio > 0.01],
      ['p99', formatValue(now.p99, 'seconds')],
    );
  }
  const add = (title: string, number: number | undefined, unit: string) => {
    if (number !== undefined && !Number.isNaN(number)) numbers.push([title, formatValue(number, unit)]);
  };
  add('In progress', sum('http_requests_in_progress') ?? sum('method_inprogress'), '');
  add('CPU', rate('process_cpu_seconds_total'), 'ratio');
  add('Memory', sum('process_resident_memory_bytes'), 'bytes');
  add('Heap used', sum('nodejs_heap_size_used_bytes'), 'bytes');
  add(
    'Event loop lag',
    largest('nodejs_eventloop_lag_p99_seconds') ?? largest('nodejs_eventloop_lag_seconds'),
    'seconds',
  );
  return (
    <dl class="numbers">
      {numbers.map(([title, text, isBad]) => (
        <div key={title} class={isBad ? 'bad' : undefined}>
          <dt>{title}</dt>
          <dd>
            {text}
            {isBad && <span class="flag"> high</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Routes and methods with their rates, errors and durations. */
export function CallTable({
  store,
  sample,
  title,
  family,
  groups,
}: Props & { readonly title: string; readonly family: Family; readonly groups: readonly Group[] }) {
  const rows = groups
    .map((group) => ({ group, ...currentState(store, family, group) }))
    .sort((a, b) => (b.rate || 0) - (a.rate || 0) || (a.group.name < b.group.name ? -1 : 1))
    .slice(0, 25);
  const hasDurations = family.head.type === 'histogram';
  const hasObjectives = family.head.objectives.length > 0;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
        <table class="calls">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Per second</th>
              <th scope="col">Errors</th>
              {hasDurations && <th scope="col">p99</th>}
              <th scope="col">Last minute</th>
              {hasObjectives && <th scope="col">Budget used</th>}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ group, rate, errorRatio, p99 }) => (
              <tr key={group.name}>
                <th scope="row">{group.name || family.head.name}</th>
                <td data-of="rate">{formatValue(rate)}</td>
                <td data-of="errors" class={errorRatio > 0.01 ? 'bad' : undefined}>
                  {errorRatio > 0.01 ? `▲ ${formatValue(errorRatio, 'ratio')}` : formatValue(errorRatio, 'ratio')}
                </td>
                {hasDurations && <td data-of="p99">{formatValue(p99, 'seconds')}</td>}
                <td>
                  <Sparkline store={store} family={family} rows={group.rows} sample={sample} />
                </td>
                {hasObjectives && <td data-of="budget used">{budget(family, group)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function budget(family: Family, { name, rows }: Group): string {
  const objective = family.head.objectives.find(({ class: owner, method }) => `${owner}.${method}` === name);
  return objective === undefined
    ? ''
    : formatValue(budgetUsed(family, rows, objective.target, objective.latency), 'ratio');
}

/** The families of instrumented methods, with their rows by method. */
export function methodGroups(store: Store): { readonly family: Family; readonly groups: readonly Group[] }[] {
  const named = ['method_duration_seconds', 'method_calls_total'].flatMap((name) => {
    const family = findEnding(store, name);
    return family === undefined ? [] : [family];
  });
  return named.map((family) => ({
    family,
    groups: groupBy(
      family,
      'method',
      (row) => {
        const labels = new Map(family.labelsOf(row));
        return [labels.get('class'), labels.get('method')].filter(Boolean).join('.');
      },
      (row) => new Map(family.labelsOf(row)).get('result') === 'error',
    ),
  }));
}

function Sparkline({
  store,
  family,
  rows,
  sample,
}: Props & { readonly family: Family; readonly rows: readonly number[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const surface = canvas.current === null ? undefined : prepareCanvas(canvas.current);
    if (surface === undefined) return;
    const from = Math.max(0, store.times.length - 60);
    const values = Array.from({ length: store.times.length - from }, (_, i) =>
      sumOfRates(store, family, rows, from + i),
    );
    surface.context.strokeStyle = color('line-1');
    surface.context.lineWidth = 1.25;
    drawSparkline(surface.context, values, [2, 3, surface.width - 4, surface.height - 6]);
  }, [sample]);
  return <canvas class="spark" ref={canvas} aria-hidden="true" />;
}

/** The families with the most series, and the number of values of each label. */
export function Cardinality({ store }: Props) {
  const families = [...store.families.values()].map((family) => ({ family, series: family.live.length }));
  const total = families.reduce((sum, { series }) => sum + series, 0);
  const top = families.sort((a, b) => b.series - a.series).slice(0, 10);
  return (
    <section aria-label="Cardinality">
      <h2>Cardinality</h2>
      <p>
        {total} series in {families.length} families. Those with the most:
      </p>
      <table class="calls">
        <thead>
          <tr>
            <th scope="col">Family</th>
            <th scope="col">Series</th>
            <th scope="col">Lines</th>
            <th scope="col">Values by label</th>
          </tr>
        </thead>
        <tbody>
          {top.map(({ family, series }) => (
            <tr key={family.head.name}>
              <th scope="row">{family.head.name}</th>
              <td>{series}</td>
              <td>{series * family.lines}</td>
              <td>{labelCounts(family)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const valueCounts = new SeriesMemo<string>();

function labelCounts(family: Family): string {
  return valueCounts.of(family, undefined, () =>
    family.head.labels
      .map((label, i) => [label, new Set(family.live.map((row) => family.rows[row]?.[i] ?? '')).size] as const)
      .sort((a, b) => b[1] - a[1])
      .map(([label, count]) => `${label} ${count}`)
      .join(', '),
  );
}
