import { useEffect, useRef } from 'preact/hooks';
import { drawHeatmap, type HeatColumn } from './canvases.js';
import { colorName, DASHES, LineChart, MAX_LINES } from './charts.js';
import type { Family, Store } from './families.js';
import { formatValue, shortened, unitOf } from './numbers.js';
import { mainLine, newBuckets, quantile, rateAt, recentBuckets, sumOfRates } from './rates.js';
import { isCumulative } from './series-table.js';

/** One line of a chart. */
interface Line {
  readonly name: string;
  readonly values: readonly number[];
}

/** Maximum characters of a name in the legend, so that it fits on a phone. */
const MAX_NAME_LENGTH = 38;
const QUANTILES = [0.5, 0.9, 0.99];

/** The rows of a family to show, and the time range. */
export interface ChartProps {
  readonly store: Store;
  readonly family: Family;
  readonly rows: readonly number[];
  readonly seconds: number;
  /** The number of the sample, which causes a redraw. */
  readonly sample: number;
}

/** A line chart over time with its legend, and the heatmap of a histogram. */
export function FamilyChart({ store, family, rows, seconds, sample }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const heat = useRef<HTMLCanvasElement>(null);
  const chart = useRef<LineChart | undefined>(undefined);
  const { type } = family.head;
  const unit = unitOf(family.head.name, family.head.unit);
  const isHistogram = type === 'histogram' || type === 'gaugehistogram';
  const perSecond = isCumulative(family) && !isHistogram && type !== 'summary';
  const show = (value: number) => (perSecond ? `${formatValue(value, unit)}/s` : formatValue(value, unit));
  const from = store.since(seconds);
  const { lines, note } = linesOf(store, family, rows, from);
  useEffect(() => {
    if (host.current === null) return;
    chart.current ??= new LineChart(host.current, 150, unit, show);
    chart.current.update(store.times.slice(from), lines);
    if (heat.current !== null)
      drawHeatmap(heat.current, heatColumns(store, family, rows, from), (at) => formatValue(at, unit));
  }, [sample, seconds, rows.length, family]);
  useEffect(() => () => chart.current?.destroy(), []);
  if (rows.length === 0) return <p class="none">No series yet.</p>;
  return (
    <>
      <div class="plot">
        <div class="chart" role="img" aria-label={describe(lines, show)} ref={host} />
        {isEmpty(lines) && (
          <p class="blank" aria-hidden="true">
            {isHistogram || type === 'summary' ? 'No observations' : 'No values'}
          </p>
        )}
      </div>
      {isHistogram && (
        <canvas
          class="heat"
          role="img"
          aria-label={`Heatmap of the observations of ${family.head.name} over time`}
          ref={heat}
        />
      )}
      <Legend lines={lines} note={note} show={show} />
    </>
  );
}

interface LegendProps {
  readonly lines: readonly Line[];
  readonly note: string;
  readonly show: (value: number) => string;
}

/** The names and current values of the lines, and a table of their ranges. */
function Legend({ lines, note, show }: LegendProps) {
  return (
    <>
      <ul class="key">
        {lines.map(({ name, values }, i) => (
          <li key={name} title={name}>
            <LineSample index={i} />
            <span class="name">{shortened(name, MAX_NAME_LENGTH)}</span> <b>{show(values.at(-1) ?? Number.NaN)}</b>
          </li>
        ))}
      </ul>
      {note !== '' && <p class="note">{note}</p>}
      <details class="legend">
        <summary>As a table</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label="Values of the lines">
          <table>
            <thead>
              <tr>
                <th scope="col">Line</th>
                <th scope="col">Now</th>
                <th scope="col">Min</th>
                <th scope="col">Max</th>
              </tr>
            </thead>
            <tbody>
              {lines.map(({ name, values }) => {
                const known = values.filter((value) => Number.isFinite(value));
                return (
                  <tr key={name}>
                    <th scope="row">{name}</th>
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
    </>
  );
}

/** A piece of a line, in its color and with its dashes. */
function LineSample({ index }: { readonly index: number }) {
  return (
    <svg class={`mark ${colorName(index)}`} width="24" height="8" aria-hidden="true">
      <line x1="0" y1="4" x2="24" y2="4" stroke-width="2" stroke-dasharray={DASHES[index % DASHES.length].join(' ')} />
    </svg>
  );
}

function isEmpty(lines: readonly Line[]): boolean {
  return !lines.some(({ values }) => values.some((value) => Number.isFinite(value)));
}

/** Describes a chart for screen readers. */
function describe(lines: readonly Line[], show: (value: number) => string): string {
  if (lines.length === 0) return 'No series yet.';
  const parts = lines.slice(0, 4).map(({ name, values }) => {
    const known = values.filter((value) => Number.isFinite(value));
    if (known.length === 0) return `${name}: no values yet`;
    return `${name}: now ${show(values.at(-1) ?? Number.NaN)}, from ${show(Math.min(...known))} to ${show(Math.max(...known))}`;
  });
  return `${parts.join('; ')}${lines.length > 4 ? `; and ${lines.length - 4} more lines` : ''}.`;
}

function nameOf(family: Family, row: number): string {
  const labels = family.labelsOf(row);
  if (labels.length === 0) return isCumulative(family) ? 'rate' : 'value';
  return labels.map(([label, value]) => `${label}=${value}`).join(' ');
}

/** The lines of a chart, and a note on which series they show. */
interface ChartLines {
  readonly lines: readonly Line[];
  readonly note: string;
}

function linesOf(store: Store, family: Family, rows: readonly number[], from: number): ChartLines {
  const times = Array.from({ length: store.times.length - from }, (_, i) => from + i);
  const { type } = family.head;
  if (type === 'histogram' || type === 'gaugehistogram') {
    const columns = times.map((at) => recentBuckets(family, rows, at));
    const lines = QUANTILES.map((q) => ({
      name: `p${q * 100}`,
      values: columns.map((buckets) => quantile(q, buckets)),
    }));
    return { lines, note: '' };
  }
  if (type === 'summary') return quantileLines(family, rows, times);
  const line = mainLine(family);
  const last = store.times.length - 1;
  const read = isCumulative(family)
    ? (row: number, at: number) => rateAt(store, family, row, line, at)
    : (row: number, at: number) => family.at(at, row, line);
  const shownRows = rows.length > MAX_LINES ? largest(rows, (row) => read(row, last)) : rows;
  const lines = shownRows.map((row) => ({ name: nameOf(family, row), values: times.map((at) => read(row, at)) }));
  const others = rows.length - shownRows.length;
  if (others === 0) return { lines, note: '' };
  // The sum of rates is a rate; the sum of temperatures is not a temperature.
  if (!isCumulative(family)) return { lines, note: `The ${lines.length} largest of ${rows.length} series.` };
  const rest = times.map((at, i) => sumOfRates(store, family, rows, at) - sum(lines.map(({ values }) => values[i])));
  return { lines: [...lines, { name: `sum of the other ${others}`, values: rest }], note: '' };
}

/** All quantiles of one series, or one quantile of each of several. */
function quantileLines(family: Family, rows: readonly number[], times: readonly number[]): ChartLines {
  const quantiles = family.head.lines.flatMap(([, label, text], line) =>
    label === 'quantile' ? [{ line, q: Number(text), name: `p${Number((Number(text) * 100).toPrecision(12))}` }] : [],
  );
  const values = (row: number, line: number) => times.map((at) => family.at(at, row, line));
  const [row] = rows;
  if (quantiles.length === 0 || row === undefined) return { lines: [], note: '' };
  if (rows.length === 1) {
    return { lines: quantiles.map(({ line, name }) => ({ name, values: values(row, line) })), note: '' };
  }
  const { line, name } = quantiles.reduce((best, next) =>
    Math.abs(next.q - 0.99) < Math.abs(best.q - 0.99) ? next : best,
  );
  const shownRows = rows.slice(0, MAX_LINES);
  const which = shownRows.length < rows.length ? `${shownRows.length} of ${rows.length}` : 'each';
  return {
    lines: shownRows.map((shown) => ({ name: nameOf(family, shown), values: values(shown, line) })),
    note: `${name} of ${which} series: filter by a label to see all quantiles of one.`,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + (value || 0), 0);
}

/** Returns the rows with the largest values, which leave one line for the sum of the others. */
function largest(rows: readonly number[], read: (row: number) => number): number[] {
  const values = new Map(rows.map((row) => [row, read(row)]));
  const known = (row: number) => {
    const value = values.get(row) ?? Number.NaN;
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  };
  return [...rows].sort((a, b) => known(b) - known(a)).slice(0, MAX_LINES - 1);
}

function heatColumns(store: Store, family: Family, rows: readonly number[], from: number): HeatColumn[] {
  const { times } = store;
  return Array.from({ length: Math.max(0, times.length - from - 1) }, (_, i) => {
    const at = from + i + 1;
    return { from: times[at - 1], to: times[at], buckets: newBuckets(family, rows, at) };
  });
}
