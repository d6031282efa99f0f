import { useEffect, useRef, useState } from 'preact/hooks';
import { drawHeatmap, drawStates, LineChart, MOST_LINES } from './charts.js';
import type { Family, Store } from './families.js';
import { Memo, SeriesMemo } from './memo.js';
import { shown, unitOf } from './numbers.js';
import { budgetUsed, mainLine, observedLately, observedNew, quantile, rateAt, sumOfRates } from './rates.js';
import { isCumulative } from './series-table.js';

interface CardProps {
  readonly store: Store;
  readonly family: Family;
  readonly rows: readonly number[];
  readonly seconds: number;
  /** The number of the sample, so that a new one draws. */
  readonly sample: number;
  readonly onLabel: (label: string, value: string) => void;
}

/** One line of a chart. */
interface Line {
  readonly name: string;
  readonly values: readonly number[];
}

const QUANTILES = [0.5, 0.9, 0.99];

/** A family: what it is, who records in it, and how it goes. */
export function FamilyCard(props: CardProps) {
  const { family, rows, store, onLabel } = props;
  const { head } = family;
  const host = useRef<HTMLElement>(null);
  const isSeen = useSeen(host);
  return (
    <article class="card" ref={host} aria-label={head.name}>
      <header>
        <h3>{head.name}</h3>
        <span class="type">{head.type}</span>
        {head.unit !== '' && <span class="type">{head.unit}</span>}
      </header>
      <p class="help">{head.help}</p>
      {isSeen && <CardBody {...props} />}
      <Labels family={family} rows={rows} onLabel={onLabel} />
      {head.methods.length > 0 && (
        <p class="methods">
          On{' '}
          {head.methods.slice(0, 12).map(({ decorator, class: owner, method }) => (
            <code key={`${decorator} ${owner} ${method}`}>
              @{decorator} {owner === '' ? method : `${owner}.${method}`}
            </code>
          ))}
          {head.methods.length > 12 && ` and ${head.methods.length - 12} more`}
        </p>
      )}
      <Objectives family={family} sample={props.sample} times={store.times.length} />
    </article>
  );
}

function CardBody({ store, family, rows, seconds, sample }: CardProps) {
  const { type } = family.head;
  if (type === 'info') return <InfoTable family={family} rows={rows} />;
  if (type === 'stateset')
    return <States store={store} family={family} rows={rows} seconds={seconds} sample={sample} />;
  return <Chart store={store} family={family} rows={rows} seconds={seconds} sample={sample} />;
}

type ChartProps = Omit<CardProps, 'onLabel'>;

function Chart({ store, family, rows, seconds, sample }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const heat = useRef<HTMLCanvasElement>(null);
  const chart = useRef<LineChart | undefined>(undefined);
  const unit = unitOf(family.head.name, family.head.unit);
  const isSpread = family.head.type === 'histogram' || family.head.type === 'gaugehistogram';
  const perSecond = isCumulative(family) && !isSpread && family.head.type !== 'summary';
  const show = (value: number) => (perSecond ? `${shown(value, unit === 'bytes' ? unit : '')}/s` : shown(value, unit));
  const from = store.since(seconds);
  const lines = linesOf(store, family, rows, from);
  useEffect(() => {
    if (host.current === null) return;
    chart.current ??= new LineChart(host.current, 150, show);
    chart.current.update(store.times.slice(from), lines);
    if (heat.current !== null) drawHeatmap(heat.current, heatColumns(store, family, rows, from));
  }, [sample, seconds, rows.length, family]);
  useEffect(() => () => chart.current?.destroy(), []);
  return (
    <>
      <div class="chart" role="img" aria-label={sentence(lines, show)} ref={host} />
      {isSpread && (
        <canvas
          class="heat"
          role="img"
          aria-label={`How the observations of ${family.head.name} are spread, as columns over time`}
          ref={heat}
        />
      )}
      <Legend lines={lines} show={show} />
    </>
  );
}

/** The lines with their present values, which also say in words what the chart shows. */
function Legend({ lines, show }: { readonly lines: readonly Line[]; readonly show: (value: number) => string }) {
  return (
    <details class="legend">
      <summary>
        {lines.length === 1 ? `Now ${show(lines[0].values.at(-1) ?? Number.NaN)}` : `${lines.length} lines as a table`}
      </summary>
      <div class="scroll" tabIndex={0} role="region" aria-label="Values of the lines">
        <table>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">Now</th>
              <th scope="col">Least</th>
              <th scope="col">Most</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ name, values }, i) => {
              const known = values.filter((value) => Number.isFinite(value));
              return (
                <tr key={name}>
                  <th scope="row">
                    <i class={`mark line-${(i % 4) + 1}`} aria-hidden="true" /> {name}
                  </th>
                  <td>{show(values.at(-1) ?? Number.NaN)}</td>
                  <td>{show(known.length === 0 ? Number.NaN : Math.min(...known))}</td>
                  <td>{show(known.length === 0 ? Number.NaN : Math.max(...known))}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** What a chart shows, for those who cannot see it. */
function sentence(lines: readonly Line[], show: (value: number) => string): string {
  if (lines.length === 0) return 'No series yet.';
  const parts = lines.slice(0, 4).map(({ name, values }) => {
    const known = values.filter((value) => Number.isFinite(value));
    if (known.length === 0) return `${name}: nothing yet`;
    return `${name}: now ${show(values.at(-1) ?? Number.NaN)}, from ${show(Math.min(...known))} to ${show(Math.max(...known))}`;
  });
  return `${parts.join('; ')}${lines.length > 4 ? `; and ${lines.length - 4} more lines` : ''}.`;
}

function nameOf(family: Family, row: number): string {
  const labels = family.labelsOf(row);
  return labels.length === 0 ? family.head.name : labels.map(([label, value]) => `${label}=${value}`).join(' ');
}

function linesOf(store: Store, family: Family, rows: readonly number[], from: number): Line[] {
  const places = Array.from({ length: store.times.length - from }, (_, i) => from + i);
  const { type } = family.head;
  if (type === 'histogram' || type === 'gaugehistogram') {
    const columns = places.map((at) => observedLately(family, rows, at));
    return QUANTILES.map((q) => ({ name: `p${q * 100}`, values: columns.map((buckets) => quantile(q, buckets)) }));
  }
  if (type === 'summary') {
    const [row] = rows;
    return family.head.lines.flatMap(([, label, text], line) =>
      label === 'quantile'
        ? [{ name: `p${Number(text) * 100}`, values: places.map((at) => family.at(at, row ?? 0, line)) }]
        : [],
    );
  }
  const line = mainLine(family);
  const last = store.times.length - 1;
  const read = isCumulative(family)
    ? (row: number, at: number) => rateAt(store, family, row, line, at)
    : (row: number, at: number) => family.at(at, row, line);
  const shownRows = rows.length > MOST_LINES ? greatest(rows, (row) => read(row, last)) : rows;
  const lines = shownRows.map((row) => ({ name: nameOf(family, row), values: places.map((at) => read(row, at)) }));
  if (shownRows.length === rows.length) return lines;
  const total = isCumulative(family)
    ? (at: number) => sumOfRates(store, family, rows, at)
    : (at: number) => valueSums.at(family, rows, at, () => sum(rows.map((row) => read(row, at))));
  const others = places.map((at, i) => total(at) - sum(lines.map(({ values }) => values[i])));
  return [...lines, { name: `the ${rows.length - shownRows.length} others together`, values: others }];
}

const valueSums = new Memo<number>();

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + (value || 0), 0);
}

/** The rows with the greatest values that have a line of their own where there are too many for all. */
function greatest(rows: readonly number[], read: (row: number) => number): number[] {
  const values = new Map(rows.map((row) => [row, read(row)]));
  const known = (row: number) => {
    const value = values.get(row) ?? Number.NaN;
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  };
  return [...rows].sort((a, b) => known(b) - known(a)).slice(0, MOST_LINES - 1);
}

function heatColumns(store: Store, family: Family, rows: readonly number[], from: number) {
  return Array.from({ length: store.times.length - from }, (_, i) => observedNew(family, rows, from + i));
}

function States({ store, family, rows, seconds, sample }: ChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const from = store.since(seconds);
  const bands = rows.slice(0, 4).flatMap((row) =>
    family.head.lines.map(([, , state], line) => ({
      name: [...family.labelsOf(row).map(([, value]) => value), state].join(' '),
      values: Array.from({ length: store.times.length - from }, (_, i) => family.at(from + i, row, line)),
    })),
  );
  useEffect(() => {
    if (canvas.current !== null)
      drawStates(
        canvas.current,
        bands.map(({ values }) => values),
      );
  }, [sample, seconds]);
  const on = bands.filter(({ values }) => values.at(-1) === 1).map(({ name }) => name);
  return (
    <div class="states">
      <ol aria-hidden="true">
        {bands.map(({ name }) => (
          <li key={name}>{name}</li>
        ))}
      </ol>
      <canvas
        ref={canvas}
        role="img"
        aria-label={on.length === 0 ? 'No state is on.' : `On now: ${on.join(', ')}.`}
        style={{ height: `${bands.length * 22}px` }}
      />
    </div>
  );
}

function InfoTable({ family, rows }: Pick<CardProps, 'family' | 'rows'>) {
  return (
    <table class="info">
      <tbody>
        {rows.slice(0, 20).flatMap((row) =>
          family.labelsOf(row).map(([label, value]) => (
            <tr key={`${row} ${label}`}>
              <th scope="row">{label}</th>
              <td>{value}</td>
            </tr>
          )),
        )}
      </tbody>
    </table>
  );
}

const labelValues = new SeriesMemo<readonly (readonly [label: string, values: readonly string[]])[]>();

/** The labels that some rows have values for, and these. */
function labelsOf(family: Family, rows: readonly number[]): readonly (readonly [string, readonly string[]])[] {
  return labelValues.of(family, rows, () =>
    family.head.labels.flatMap((label, i) => {
      const own = new Set(rows.map((row) => family.rows[row]?.[i] ?? ''));
      own.delete('');
      return own.size === 0 ? [] : [[label, [...own].sort()] as const];
    }),
  );
}

/** The values of each label: pressing one shows only its series. */
function Labels({ family, rows, onLabel }: Pick<CardProps, 'family' | 'rows' | 'onLabel'>) {
  if (family.head.type === 'info') return null;
  const filled = labelsOf(family, rows);
  if (filled.length === 0) return null;
  return (
    <dl class="labels">
      {filled.map(([label, own]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {own.slice(0, 8).map((value) => (
              <button type="button" key={value} title={`Only ${label}=${value}`} onClick={() => onLabel(label, value)}>
                {value}
              </button>
            ))}
            {own.length > 8 && <span> and {own.length - 8} more</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** How much of each objective's budget was used up since the page was opened. */
function Objectives({ family }: { readonly family: Family; readonly sample: number; readonly times: number }) {
  const { objectives, labels } = family.head;
  if (objectives.length === 0) return null;
  return (
    <ul class="objectives">
      {objectives.map(({ class: owner, method, target, latency }) => {
        const at = (name: string, row: number) => family.rows[row]?.[labels.indexOf(name)];
        const rows = family.live.filter(
          (row) =>
            (!labels.includes('method') || at('method', row) === method) &&
            (!labels.includes('class') || at('class', row) === owner),
        );
        const used = budgetUsed(family, rows, target, latency);
        const state = Number.isNaN(used)
          ? 'no calls yet'
          : `${shown(used, 'ratio')} of the budget used since this page was opened`;
        return (
          <li key={`${owner} ${method} ${latency}`}>
            <strong>{owner === '' ? method : `${owner}.${method}`}</strong> {shown(target, 'ratio')}
            {latency !== undefined && ` within ${shown(latency, 'seconds')}`}: {state}
            {used > 1 && <em class="bad"> exceeded</em>}
            <meter
              low={0.5}
              high={0.9}
              optimum={0}
              min={0}
              max={1}
              value={Number.isNaN(used) ? 0 : Math.min(1, used)}
              aria-label="Budget used"
            />
          </li>
        );
      })}
    </ul>
  );
}

/** Whether an element is on the screen, or near: what is not is not drawn. */
function useSeen(host: { readonly current: HTMLElement | null }): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (host.current === null) return undefined;
    const observer = new IntersectionObserver((entries) => setSeen(entries.some((entry) => entry.isIntersecting)), {
      rootMargin: '200px',
    });
    observer.observe(host.current);
    return () => observer.disconnect();
  }, []);
  return isSeen;
}
