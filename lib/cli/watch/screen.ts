import type { WatchedSeries } from './sampler.js';

/** The user's choices. */
export interface WatchView {
  sort: 'name' | 'value' | 'rate';
  descends: boolean;
  filter: string;
  /** Whether the filter is being edited. */
  editing: boolean;
  paused: boolean;
  help: boolean;
  /** The first series on the screen. */
  top: number;
}

const BLOCKS = '▁▂▃▄▅▆▇█';
const ASCII = '_.-=+*#@';

/** Draws a chart of one line, scaled from 0 to the largest value. */
export function sparkline(values: readonly number[], width: number, ascii: boolean): string {
  const shown = values.slice(-width);
  const [low, high] = [Math.min(0, ...shown), Math.max(0, ...shown)];
  const marks = ascii ? ASCII : BLOCKS;
  const scale = high === low ? 0 : (marks.length - 1) / (high - low);
  return shown
    .map((value) => marks[Math.round((value - low) * scale)])
    .join('')
    .padStart(width);
}

/** Returns the matching series, in the chosen order. */
export function selected(series: readonly WatchedSeries[], { filter, sort, descends }: WatchView): WatchedSeries[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const wanted = series.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  const rank = (value: number) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value);
  const byName = (a: WatchedSeries, b: WatchedSeries) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const sorted =
    sort === 'name' ? wanted.sort(byName) : wanted.sort((a, b) => rank(a[sort]) - rank(b[sort]) || byName(a, b));
  return descends ? sorted.reverse() : sorted;
}

type Column = keyof typeof COLUMNS;

const COLUMNS = {
  value: { title: 'Value', width: 12 },
  rate: { title: 'Per second', width: 12 },
  line: { title: 'Last minute', width: 24 },
} as const;

/** Returns the columns that fit on the screen. The charts are dropped first, then the column that is not the sort key. */
function columnsOf(width: number, sort: WatchView['sort']): readonly Column[] {
  if (width >= 80) return ['value', 'rate', 'line'];
  if (width >= 50) return ['value', 'rate'];
  return [sort === 'rate' ? 'rate' : 'value'];
}

const HELP = 'q quit  / filter  Esc clear  s sort  r reverse  space pause  arrows scroll';

/** Returns the lines of the screen, none wider than it. */
export function screenLines(
  series: readonly WatchedSeries[],
  view: WatchView,
  {
    width,
    height,
    title,
    ascii,
  }: { readonly width: number; readonly height: number; readonly title: string; readonly ascii: boolean },
): string[] {
  const list = selected(series, view);
  const room = Math.max(1, height - 4);
  view.top = Math.max(0, Math.min(view.top, list.length - room));
  const mark = ascii ? '~' : '…';
  const cut = (text: string, length: number) =>
    text.length > length ? `${text.slice(0, length - 1)}${mark}` : text.padEnd(length);
  const columns = columnsOf(width, view.sort);
  const nameWidth = Math.max(
    8,
    columns.reduce((left, column) => left - COLUMNS[column].width - 1, width),
  );
  const row = (name: string, cell: (column: Column) => string) =>
    [name.padEnd(nameWidth), ...columns.map((column) => cell(column).padStart(COLUMNS[column].width))].join(' ');
  const rows = list.slice(view.top, view.top + room).map(({ name, value, rate, past }) => {
    const cells = {
      value: formatBrief(value),
      rate: Number.isNaN(rate) ? '' : `${formatBrief(rate)}/s`,
      line: sparkline(past, COLUMNS.line.width, ascii),
    };
    return row(withoutMiddle(name, nameWidth, mark), (column) => cells[column]);
  });
  const state = view.paused ? ' (paused)' : '';
  const found = `${list.length} of ${series.length} series, by ${view.sort}${view.descends ? ', descending' : ''}`;
  const bottom = view.editing
    ? `/${view.filter}`
    : view.help
      ? HELP
      : `${view.filter === '' ? '' : `filter: ${view.filter}   `}? help   q quit`;
  const lines = [
    cut(`${title}${state}`, width),
    cut(found, width),
    row('Series', (column) => COLUMNS[column].title),
    ...rows,
    ...Array.from({ length: room - rows.length }, () => ''),
  ];
  return [...lines.slice(0, Math.max(0, height - 1)), cut(bottom, width)].map((line) => line.slice(0, width));
}

/** Shortens a long name in the middle, because similar series usually differ at the end. */
function withoutMiddle(name: string, length: number, mark: string): string {
  if (name.length <= length) return name;
  const end = Math.floor(length / 2);
  return `${name.slice(0, length - end - 1)}${mark}${name.slice(name.length - end)}`;
}

/** Formats a number in at most a dozen characters. */
export function formatBrief(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
  const text = String(Number(value.toPrecision(5)));
  return text.length <= 12 ? text : value.toExponential(3);
}

/** Handles a key. Returns whether to quit. */
export function handleKey(view: WatchView, key: string, page: number): boolean {
  if (key === '\u0003') return true;
  if (view.editing) {
    if (key === '\r' || key === '\u001b') view.editing = false;
    else if (key === '\u007f' || key === '\b') view.filter = view.filter.slice(0, -1);
    else if (/^[^\p{Cc}]+$/u.test(key)) view.filter += key;
    return false;
  }
  if (key === 'q') return true;
  if (key === '/') Object.assign(view, { editing: true, filter: '' });
  else if (key === 'f' || key === '\u001b') view.filter = '';
  else if (key === 's') {
    view.sort = view.sort === 'name' ? 'value' : view.sort === 'value' ? 'rate' : 'name';
    view.descends = view.sort !== 'name';
  } else if (key === 'r') view.descends = !view.descends;
  else if (key === ' ') view.paused = !view.paused;
  else if (key === '?') view.help = !view.help;
  else if (key === '\u001b[A') view.top -= 1;
  else if (key === '\u001b[B') view.top += 1;
  else if (key === '\u001b[5~') view.top -= page;
  else if (key === '\u001b[6~') view.top += page;
  else if (key === '\u001b[H' || key === '\u001b[1~') view.top = 0;
  else if (key === '\u001b[F' || key === '\u001b[4~') view.top = Number.MAX_SAFE_INTEGER;
  return false;
}
