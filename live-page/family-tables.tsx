import { useEffect, useRef } from 'preact/hooks';
import { drawStates } from './canvases.js';
import { clock } from './charts.js';
import type { Family } from './families.js';
import type { ChartProps } from './family-chart.js';
import { SeriesMemo } from './memo.js';
import { formatDuration, formatTime, formatValue, isTimestamp, unitOf } from './numbers.js';

/** Maximum number of series of a StateSet, each of which has a band for each state. */
const MAX_STATE_SETS = 4;
const MAX_ROWS = 20;

/** The states of a StateSet over time. */
export function States({ store, family, rows, seconds, sample }: ChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const from = store.since(seconds);
  const times = store.times.slice(from);
  const bands = rows.slice(0, MAX_STATE_SETS).flatMap((row) =>
    family.head.lines.map(([, , text], state) => ({
      name: [...family.labelsOf(row).map(([, value]) => value), text].join(' '),
      state,
      values: times.map((_, i) => family.at(from + i, row, state)),
    })),
  );
  useEffect(() => {
    if (canvas.current !== null) drawStates(canvas.current, times, bands);
  }, [sample, seconds, rows.length]);
  if (rows.length === 0) return <p class="none">No series yet.</p>;
  const on = bands.filter(({ values }) => values.at(-1) === 1).map(({ name }) => name);
  return (
    <>
      <div class="states">
        <ol aria-hidden="true">
          {bands.map(({ name, values }) => (
            <li key={name} class={values.at(-1) === 1 ? 'on' : undefined} title={name}>
              {name}
            </li>
          ))}
        </ol>
        <canvas
          ref={canvas}
          role="img"
          aria-label={on.length === 0 ? 'No state is on.' : `On now: ${on.join(', ')}.`}
          style={{ height: `${bands.length * 22}px` }}
        />
        <p class="times">
          <span>{clock(times[0] ?? 0)}</span>
          <span>{clock(times.at(-1) ?? 0)}</span>
        </p>
      </div>
      {rows.length > MAX_STATE_SETS && (
        <p class="note">
          {MAX_STATE_SETS} of {rows.length} series: filter by a label to see others.
        </p>
      )}
    </>
  );
}

/** The labels of an Info, with a row for each series. */
export function InfoTable({ family, rows }: Pick<ChartProps, 'family' | 'rows'>) {
  const labels = labelsOf(family, rows);
  if (rows.length === 0) return <p class="none">No series yet.</p>;
  if (rows.length === 1) {
    return (
      <table class="info">
        <tbody>
          {family.labelsOf(rows[0]).map(([label, value]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    );
  }
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label={`${family.head.name}, as a table`}>
        <table class="info wide">
          <thead>
            <tr>
              {labels.map(([label]) => (
                <th scope="col" key={label}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MAX_ROWS).map((row) => (
              <tr key={row}>
                {labels.map(([label]) => (
                  <td key={label}>{family.rows[row]?.[family.head.labels.indexOf(label)]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > MAX_ROWS && <p class="note">And {rows.length - MAX_ROWS} more.</p>}
    </>
  );
}

/** The timestamps that a gauge holds, and how long ago they were. */
export function Timestamps({ family, rows }: Pick<ChartProps, 'family' | 'rows'>) {
  return (
    <table class="info">
      <tbody>
        {rows.slice(0, MAX_ROWS).map((row) => {
          const value = family.values[row];
          const labels = family.labelsOf(row);
          const ago = Date.now() / 1000 - value;
          return (
            <tr key={row}>
              {labels.length > 0 && <th scope="row">{labels.map(([, text]) => text).join(' ')}</th>}
              <td>
                {isTimestamp(value)
                  ? `${formatTime(value)}, ${ago < 0 ? `in ${formatDuration(-ago)}` : `${formatDuration(ago)} ago`}`
                  : formatValue(value, 'seconds')}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Whether the values of a gauge are timestamps, for which a chart is useless. */
export function holdsTimestamps(family: Family, rows: readonly number[]): boolean {
  const { name, unit, type } = family.head;
  return type === 'gauge' && unitOf(name, unit) === 'seconds' && rows.some((row) => isTimestamp(family.values[row]));
}

const labelValues = new SeriesMemo<readonly (readonly [label: string, values: readonly string[]])[]>();

/** The labels that have a value in any of the rows, and these values. */
export function labelsOf(family: Family, rows: readonly number[]): readonly (readonly [string, readonly string[]])[] {
  return labelValues.of(family, rows, () =>
    family.head.labels.flatMap((label, i) => {
      const values = new Set(rows.map((row) => family.rows[row]?.[i] ?? ''));
      values.delete('');
      return values.size === 0 ? [] : [[label, [...values].sort()] as const];
    }),
  );
}
