import { drawSparkline, prepareCanvas } from './canvases.js';
import { color } from './charts.js';
import type { Family, Store } from './families.js';
import { formatTime, formatValue, isTimestamp, shortened, unitOf } from './numbers.js';
import { mainLine, rateAt } from './rates.js';

/** One series of a family. */
interface Entry {
  readonly family: Family;
  readonly row: number;
  readonly text: string;
  value: number;
  rate: number;
  /** The content of its row, made when it is first shown after a sample. */
  content: RowContent | undefined;
}

interface RowContent {
  readonly value: string;
  readonly rate: string;
  readonly line: readonly number[];
}

/** A reusable row of the table. */
interface TableRow {
  readonly element: HTMLElement;
  readonly name: Text;
  readonly value: Text;
  readonly rate: Text;
  /** The index of the entry that it shows; -1 if hidden. */
  index: number;
  entry: Entry | undefined;
  content: RowContent | undefined;
}

type Column = 'name' | 'value' | 'rate';

/** Points of a sparkline. */
const MAX_POINTS = 60;
/** The number of row elements, regardless of the number of series. */
const ROW_POOL = 48;

/**
 * The table of all series, without Preact: a few dozen row elements are reused while the user scrolls, and all sparklines
 * are on one canvas, so that ten thousand series scroll as smoothly as ten.
 */
export class SeriesTable {
  readonly element = document.createElement('div');
  private readonly viewport = document.createElement('div');
  private readonly sizer = document.createElement('div');
  private readonly canvas = document.createElement('canvas');
  private readonly rows: TableRow[] = [];
  private readonly heads = new Map<Column, HTMLElement>();
  private entries: Entry[] = [];
  private shownEntries: Entry[] = [];
  private version = -1;
  private filter = '';
  private sortBy: Column = 'name';
  private descends = false;
  private frame = 0;
  // Kept here because reading it from the elements in each frame would force a layout.
  private size = { width: 0, height: 0 };
  private rowHeight = 0;
  /** The number of characters that fit in the column of names. */
  private nameLength = 100;
  private sizerHeight = 0;
  private lineColor = '';

  constructor(
    private readonly store: Store,
    private readonly matches: (family: Family, row: number, filter: string) => boolean,
    private readonly onCount: (shown: number, all: number) => void,
  ) {
    const head = document.createElement('div');
    head.className = 'series-head';
    head.setAttribute('role', 'row');
    head.setAttribute('aria-rowindex', '1');
    for (const [column, title] of [
      ['name', 'Series'],
      ['value', 'Value'],
      ['rate', 'Per second'],
    ] as const) {
      head.append(this.headCell(column, title));
    }
    const lines = document.createElement('div');
    lines.setAttribute('role', 'columnheader');
    lines.textContent = 'Last minute';
    head.append(lines);
    this.element.className = 'series';
    this.element.setAttribute('role', 'table');
    this.element.setAttribute('aria-label', 'All series');
    this.viewport.className = 'series-viewport';
    this.viewport.tabIndex = 0;
    this.viewport.setAttribute('role', 'rowgroup');
    this.viewport.setAttribute('aria-label', 'Series, scrollable');
    this.sizer.className = 'series-sizer';
    this.sizer.setAttribute('role', 'presentation');
    this.canvas.className = 'series-lines';
    this.canvas.setAttribute('aria-hidden', 'true');
    this.viewport.append(this.sizer, this.canvas);
    this.element.append(head, this.viewport);
    for (let i = 0; i < ROW_POOL; i++) this.addRow();
    this.viewport.addEventListener('scroll', () => this.draw(), { passive: true });
    const observer = new ResizeObserver(() => this.measure());
    observer.observe(this.viewport);
    observer.observe(this.canvas);
  }

  setFilter(filter: string): void {
    if (filter === this.filter) return;
    this.filter = filter;
    this.select();
  }

  /** Shows a new sample. */
  update(): void {
    if (this.store.version !== this.version) this.collect();
    const last = this.store.times.length - 1;
    for (const entry of this.entries) {
      const { family, row } = entry;
      const line = mainLine(family);
      entry.value = family.values[row * family.lines + line] ?? Number.NaN;
      entry.rate = isCumulative(family) ? rateAt(this.store, family, row, line, last) : Number.NaN;
      entry.content = undefined;
    }
    // A change of the theme is followed by an update.
    this.lineColor = color('line-1');
    if (this.sortBy === 'name') this.draw();
    else this.select();
  }

  /** Draws in the next frame. */
  draw(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.fill();
    });
  }

  private measure(): void {
    this.rowHeight = this.rows[0].element.offsetHeight || this.rowHeight;
    this.size = { width: this.canvas.clientWidth, height: this.viewport.clientHeight };
    // A hidden row has no width.
    const room = this.nameCell.clientWidth;
    if (room > 0) this.nameLength = Math.max(8, Math.floor(room / this.characterWidth()));
    for (const row of this.rows) {
      row.index = -1;
      row.entry = undefined;
    }
    this.draw();
  }

  /** Names are in a monospace font. */
  private characterWidth(): number {
    const probe = document.createElement('span');
    probe.textContent = 'x'.repeat(100);
    this.nameCell.append(probe);
    const { width } = probe.getBoundingClientRect();
    probe.remove();
    return width / 100 || 8;
  }

  private get nameCell(): HTMLElement {
    return this.rows[0].element.firstElementChild as HTMLElement;
  }

  private headCell(column: Column, title: string): HTMLElement {
    const cell = document.createElement('div');
    cell.setAttribute('role', 'columnheader');
    cell.setAttribute('aria-sort', column === this.sortBy ? 'ascending' : 'none');
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = title;
    button.addEventListener('click', () => this.sort(column));
    cell.append(button);
    this.heads.set(column, cell);
    return cell;
  }

  private sort(column: Column): void {
    this.descends = column === this.sortBy ? !this.descends : column !== 'name';
    this.sortBy = column;
    for (const [name, cell] of this.heads) {
      cell.setAttribute('aria-sort', name !== column ? 'none' : this.descends ? 'descending' : 'ascending');
    }
    this.select();
  }

  private addRow(): void {
    const element = document.createElement('div');
    element.className = 'series-row';
    element.setAttribute('role', 'row');
    const cells = ['name', 'value', 'rate', 'line'].map((name) => {
      const cell = document.createElement('div');
      cell.className = `series-${name}`;
      cell.setAttribute('role', 'cell');
      element.append(cell);
      return cell;
    });
    this.sizer.append(element);
    const [name, value, rate] = cells.map((cell) => cell.appendChild(document.createTextNode('')));
    this.rows.push({ element, name, value, rate, index: -1, entry: undefined, content: undefined });
  }

  private collect(): void {
    this.version = this.store.version;
    this.entries = [];
    for (const family of this.store.families.values()) {
      for (const row of family.live) {
        const labels = family.labelsOf(row).map(([label, value]) => `${label}="${value}"`);
        const text = labels.length === 0 ? family.head.name : `${family.head.name}{${labels.join(', ')}}`;
        this.entries.push({ family, row, text, value: Number.NaN, rate: Number.NaN, content: undefined });
      }
    }
    this.entries.sort((a, b) => (a.text < b.text ? -1 : 1));
    this.select();
  }

  private select(): void {
    const { filter, sortBy, descends } = this;
    this.shownEntries = this.entries.filter(({ family, row }) => this.matches(family, row, filter));
    if (sortBy !== 'name') {
      const rank = (value: number) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value);
      this.shownEntries.sort((a, b) => (rank(a[sortBy]) - rank(b[sortBy])) * (descends ? -1 : 1));
    } else if (descends) this.shownEntries.reverse();
    this.onCount(this.shownEntries.length, this.entries.length);
    this.element.setAttribute('aria-rowcount', String(this.shownEntries.length + 1));
    this.draw();
  }

  private fill(): void {
    const height = this.rowHeight;
    if (height === 0) return;
    const { scrollTop } = this.viewport;
    const all = this.shownEntries.length * height;
    if (all !== this.sizerHeight) {
      this.sizerHeight = all;
      this.sizer.style.height = `${all}px`;
    }
    const first = Math.max(0, Math.floor(scrollTop / height) - 2);
    const last = Math.min(this.shownEntries.length, first + ROW_POOL);
    for (let place = 0; place < ROW_POOL; place++) {
      // A ring of rows: scrolling by one line refills one row.
      const index = first + ((((place - first) % ROW_POOL) + ROW_POOL) % ROW_POOL);
      this.fillRow(this.rows[place], index < last ? index : -1, height);
    }
    this.drawLines(first, last, scrollTop, height);
  }

  private fillRow(row: TableRow, index: number, height: number): void {
    const entry = index < 0 ? undefined : this.shownEntries[index];
    if (index !== row.index || (entry === undefined) !== (row.entry === undefined)) {
      row.index = index;
      row.element.hidden = entry === undefined;
      if (entry !== undefined) {
        row.element.style.transform = `translateY(${index * height}px)`;
        row.element.setAttribute('aria-rowindex', String(index + 2));
        row.element.classList.toggle('odd', index % 2 === 1);
      }
    }
    if (entry === undefined) {
      row.entry = undefined;
      return;
    }
    const content = this.contentOf(entry);
    if (entry === row.entry && content === row.content) return;
    if (entry !== row.entry) {
      row.name.data = shortened(entry.text, this.nameLength);
      const title = row.name.data === entry.text ? '' : entry.text;
      if (row.element.title !== title) row.element.title = title;
    }
    if (row.value.data !== content.value) row.value.data = content.value;
    if (row.rate.data !== content.rate) row.rate.data = content.rate;
    row.entry = entry;
    row.content = content;
  }

  private contentOf(entry: Entry): RowContent {
    if (entry.content !== undefined) return entry.content;
    const { family, row, value, rate } = entry;
    const { name, unit, type } = family.head;
    entry.content = {
      value: type === 'counter' || type === 'gauge' ? formatTableValue(value, unitOf(name, unit)) : formatValue(value),
      rate: Number.isNaN(rate) ? '' : formatValue(rate),
      line: sparklineOf(this.store, family, row),
    };
    return entry.content;
  }

  private drawLines(first: number, last: number, scrollTop: number, height: number): void {
    this.canvas.style.transform = `translateY(${scrollTop}px)`;
    const surface = prepareCanvas(this.canvas, this.size);
    if (surface === undefined) return;
    const { context, width } = surface;
    context.strokeStyle = this.lineColor;
    context.lineWidth = 1.25;
    for (let index = first; index < last; index++) {
      const top = index * height - scrollTop;
      if (top < -height || top > this.size.height) continue;
      drawSparkline(context, this.contentOf(this.shownEntries[index]).line, [4, top + 5, width - 8, height - 10]);
    }
  }
}

function formatTableValue(value: number, unit: string): string {
  return unit === 'seconds' && isTimestamp(value) ? formatTime(value).slice(0, -4) : formatValue(value, unit);
}

/** The values of a series' sparkline: its increase from sample to sample, or its values. */
export function sparklineOf(store: Store, family: Family, row: number, end = store.times.length): number[] {
  const line = mainLine(family);
  const from = Math.max(0, end - MAX_POINTS);
  const values: number[] = [];
  const cumulative = isCumulative(family);
  for (let at = from; at < end; at++) {
    if (!cumulative) values.push(family.at(at, row, line));
    else if (at > 0) {
      const grown = family.at(at, row, line) - family.at(at - 1, row, line);
      values.push(grown < 0 ? 0 : grown);
    }
  }
  return values;
}

/** Whether the values of a family only grow, so that their rates are shown. */
export function isCumulative({ head: { type } }: Family): boolean {
  return type === 'counter' || type === 'histogram' || type === 'summary';
}
