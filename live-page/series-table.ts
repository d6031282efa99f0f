import { colour, drawSpark, prepare } from './charts.js';
import type { Family, Store } from './families.js';
import { shown, unitOf } from './numbers.js';
import { rateAt } from './rates.js';

/** One series of a family. */
interface Entry {
  readonly family: Family;
  readonly row: number;
  readonly text: string;
  value: number;
  rate: number;
}

type Column = 'name' | 'value' | 'rate';

/** Points of the small lines. */
const POINTS = 60;
/** Rows that exist at the same time, whatever the number of series. */
const RECYCLED = 48;

/**
 * The table of all series. Made by hand: a few dozen rows are moved and filled as the reader scrolls, and one canvas over
 * them holds all the lines, so that ten thousand series scroll as ten do.
 */
export class SeriesTable {
  readonly element = document.createElement('div');
  private readonly viewport = document.createElement('div');
  private readonly sizer = document.createElement('div');
  private readonly canvas = document.createElement('canvas');
  private readonly rows: { readonly element: HTMLElement; readonly cells: readonly HTMLElement[]; index: number }[] =
    [];
  private readonly heads = new Map<Column, HTMLElement>();
  private entries: Entry[] = [];
  private shownEntries: Entry[] = [];
  private version = -1;
  private filter = '';
  private sortBy: Column = 'name';
  private descends = false;
  private frame = 0;
  /** Milliseconds of script that the last frames took, for measurements. */
  readonly frameTimes: number[] = [];

  constructor(
    private readonly store: Store,
    private readonly matches: (family: Family, row: number, filter: string) => boolean,
    private readonly counted: (shown: number, all: number) => void,
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
    for (let i = 0; i < RECYCLED; i++) this.addRow();
    this.viewport.addEventListener('scroll', () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.viewport);
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
    }
    if (this.sortBy === 'name') this.draw();
    else this.select();
  }

  /** Draws in the next frame. */
  draw(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const start = performance.now();
      this.fill();
      this.frameTimes.push(performance.now() - start);
      if (this.frameTimes.length > 600) this.frameTimes.shift();
    });
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
    this.rows.push({ element, cells, index: -1 });
  }

  private collect(): void {
    this.version = this.store.version;
    this.entries = [];
    for (const family of this.store.families.values()) {
      for (const row of family.live) {
        const labels = family.labelsOf(row).map(([label, value]) => `${label}="${value}"`);
        const text = labels.length === 0 ? family.head.name : `${family.head.name}{${labels.join(', ')}}`;
        this.entries.push({ family, row, text, value: Number.NaN, rate: Number.NaN });
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
    this.counted(this.shownEntries.length, this.entries.length);
    this.element.setAttribute('aria-rowcount', String(this.shownEntries.length + 1));
    this.draw();
  }

  private fill(): void {
    const height = this.rowHeight();
    const { scrollTop, clientHeight } = this.viewport;
    this.sizer.style.height = `${this.shownEntries.length * height}px`;
    const first = Math.max(0, Math.floor(scrollTop / height) - 2);
    const last = Math.min(this.shownEntries.length, first + RECYCLED);
    for (let place = 0; place < RECYCLED; place++) {
      // Each row keeps its place in the ring, so that scrolling by one line fills one row.
      const index = first + ((((place - first) % RECYCLED) + RECYCLED) % RECYCLED);
      this.fillRow(place, index < last ? index : -1, height);
    }
    this.drawLines(first, last, scrollTop, clientHeight, height);
  }

  private fillRow(place: number, index: number, height: number): void {
    const row = this.rows[place];
    if (index < 0) {
      row.element.hidden = true;
      row.index = -1;
      return;
    }
    const entry = this.shownEntries[index];
    const { family, text, value, rate } = entry;
    const unit = unitOf(family.head.name, family.head.unit);
    row.element.hidden = false;
    if (row.index !== index) {
      row.index = index;
      row.element.style.transform = `translateY(${index * height}px)`;
      row.element.setAttribute('aria-rowindex', String(index + 2));
      row.element.classList.toggle('odd', index % 2 === 1);
    }
    write(row.cells[0], text);
    write(row.cells[1], shown(value, family.head.type === 'counter' || family.head.type === 'gauge' ? unit : ''));
    write(row.cells[2], Number.isNaN(rate) ? '' : shown(rate));
  }

  private drawLines(first: number, last: number, scrollTop: number, clientHeight: number, height: number): void {
    this.canvas.style.transform = `translateY(${scrollTop}px)`;
    const painter = prepare(this.canvas);
    if (painter === undefined) return;
    const { context, width } = painter;
    context.strokeStyle = colour('line-1');
    context.lineWidth = 1.25;
    const end = this.store.times.length;
    for (let index = first; index < last; index++) {
      const top = index * height - scrollTop;
      if (top < -height || top > clientHeight) continue;
      const { family, row } = this.shownEntries[index];
      drawSpark(context, sparkOf(this.store, family, row, end), [4, top + 5, width - 8, height - 10]);
    }
  }

  private rowHeight(): number {
    return matchMedia('(max-width: 640px)').matches ? 56 : 30;
  }
}

/** The values of a series' small line: what it grew by from second to second, or its values. */
export function sparkOf(store: Store, family: Family, row: number, end = store.times.length): number[] {
  const line = mainLine(family);
  const from = Math.max(0, end - POINTS);
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

/** The line that stands for a series: its count, or its only one. */
export function mainLine(family: Family): number {
  const count = family.lineOf('_count');
  return count >= 0 ? count : Math.max(0, family.lineOf('_gcount'));
}

/** Whether a family's numbers only grow, so that their rates matter. */
export function isCumulative({ head: { type } }: Family): boolean {
  return type === 'counter' || type === 'histogram' || type === 'summary';
}

function write(cell: HTMLElement, text: string): void {
  // Writing the same anew would cost a layout.
  if (cell.textContent !== text) cell.textContent = text;
}
