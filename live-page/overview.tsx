import { useEffect, useRef } from 'preact/hooks';
import { drawSpark, prepare } from './canvases.js';
import { colour } from './charts.js';
import type { Family, Store } from './families.js';
import { SeriesMemo } from './memo.js';
import { shown } from './numbers.js';
import { budgetUsed, observedLately, quantile, sumOfRates } from './rates.js';

/** Calls of one kind: requests of a route, or calls of a method. */
interface Group {
  readonly name: string;
  readonly rows: readonly number[];
  readonly failed: readonly number[];
}

interface Props {
  readonly store: Store;
  readonly sample: number;
}

/** The family that counts requests, and where it says what. */
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

/** A family by the end of its name: an app may have put a prefix before it. */
function findEnding(store: Store, name: string): Family | undefined {
  for (const family of store.families.values()) {
    if (family.head.name === name || family.head.name.endsWith(`_${name}`)) return family;
  }
  return undefined;
}

const known = new SeriesMemo<readonly Group[]>();

/** The rows of a family by what they are about, which is worked out anew only where series come or go. */
function groupBy(
  family: Family,
  key: unknown,
  nameOf: (row: number) => string,
  hasFailed: (row: number) => boolean,
): readonly Group[] {
  return known.of(family, key, () => {
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

/** What a group does now. */
function state(store: Store, family: Family, { rows, failed }: Group) {
  const last = store.times.length - 1;
  const rate = sumOfRates(store, family, rows, last);
  const errors = failed.length === 0 ? 0 : sumOfRates(store, family, failed, last) || 0;
  const p99 = quantile(0.99, observedLately(family, rows, last));
  return { rate, share: rate > 0 ? errors / rate : 0, p99 };
}

const failedRows = new SeriesMemo<readonly number[]>();

/** The few numbers to look at first. */
export function Numbers({ store }: Props) {
  const requests = requestsOf(store);
  const last = store.times.length - 1;
  const values = (name: string) => {
    const family = findEnding(store, name);
    return family?.live.map((row) => family.values[row * family.lines]).filter((value) => !Number.isNaN(value));
  };
  const sum = (name: string) => values(name)?.reduce((total, value) => total + value, 0);
  // The worst of several threads or processes.
  const most = (name: string) => values(name)?.reduce((found, value) => Math.max(found, value), 0);
  const rate = (name: string) => {
    const family = findEnding(store, name);
    return family === undefined ? undefined : sumOfRates(store, family, family.live, last);
  };
  const numbers: [string, string, boolean?][] = [];
  if (requests !== undefined) {
    const { family, groups } = requests;
    const failed = failedRows.of(family, groups, () => groups.flatMap((group) => group.failed));
    const now = state(store, family, { name: '', rows: family.live, failed });
    numbers.push(
      ['Requests', `${shown(now.rate)}/s`],
      ['Errors', shown(now.share, 'ratio'), now.share > 0.01],
      ['p99', shown(now.p99, 'seconds')],
    );
  }
  const add = (title: string, number: number | undefined, unit: string) => {
    if (number !== undefined && !Number.isNaN(number)) numbers.push([title, shown(number, unit)]);
  };
  add('In progress', sum('http_requests_in_progress') ?? sum('method_inprogress'), '');
  add('CPU', rate('process_cpu_seconds_total'), 'ratio');
  add('Memory', sum('process_resident_memory_bytes'), 'bytes');
  add('Heap used', sum('nodejs_heap_size_used_bytes'), 'bytes');
  add('Event loop lag', most('nodejs_eventloop_lag_p99_seconds') ?? most('nodejs_eventloop_lag_seconds'), 'seconds');
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
    .map((group) => ({ group, ...state(store, family, group) }))
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
            {rows.map(({ group, rate, share, p99 }) => (
              <tr key={group.name}>
                <th scope="row">{group.name || family.head.name}</th>
                <td data-of="rate">{shown(rate)}</td>
                <td data-of="errors" class={share > 0.01 ? 'bad' : undefined}>
                  {share > 0.01 ? `▲ ${shown(share, 'ratio')}` : shown(share, 'ratio')}
                </td>
                {hasDurations && <td data-of="p99">{shown(p99, 'seconds')}</td>}
                <td>
                  <Spark store={store} family={family} rows={group.rows} sample={sample} />
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
  return objective === undefined ? '' : shown(budgetUsed(family, rows, objective.target, objective.latency), 'ratio');
}

/** The tables of methods by the families that they record in. */
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

function Spark({ store, family, rows, sample }: Props & { readonly family: Family; readonly rows: readonly number[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const painter = canvas.current === null ? undefined : prepare(canvas.current);
    if (painter === undefined) return;
    const from = Math.max(0, store.times.length - 60);
    const values = Array.from({ length: store.times.length - from }, (_, i) =>
      sumOfRates(store, family, rows, from + i),
    );
    painter.context.strokeStyle = colour('line-1');
    painter.context.lineWidth = 1.25;
    drawSpark(painter.context, values, [2, 3, painter.width - 4, painter.height - 6]);
  }, [sample]);
  return <canvas class="spark" ref={canvas} aria-hidden="true" />;
}

/** The families with the most series, and the labels that make them. */
export function Cardinality({ store }: Props) {
  const families = [...store.families.values()].map((family) => ({ family, series: family.live.length }));
  const all = families.reduce((sum, { series }) => sum + series, 0);
  const top = families.sort((a, b) => b.series - a.series).slice(0, 10);
  return (
    <section aria-label="Cardinality">
      <h2>Cardinality</h2>
      <p>
        {all} series in {families.length} families. Those with the most:
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
