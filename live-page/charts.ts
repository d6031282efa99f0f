import uPlot from 'uplot';

/** A color of the current theme, by the name of its CSS variable. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Lines differ in their dashes too, for readers who cannot distinguish colors. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [6, 3],
  [2, 2],
  [8, 3, 2, 3],
  [12, 3],
  [4, 4],
  [1, 3],
  [10, 2, 2, 2],
];
export const MAX_LINES = DASHES.length;
const COLORS = 4;

/** The name of the color of a line, by its index. */
export function colorName(index: number): string {
  return `line-${(index % COLORS) + 1}`;
}

/** The margin left of charts and of the heatmaps below them, whose times are aligned. */
export const GUTTER = 72;
export const RIGHT = 8;
export const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

/** Half the width of a time label, less the margin right of the chart. */
const HALF_CLOCK = 20;

/** Possible distances between ticks: powers of two for bytes; minutes, hours and days for longer times. */
const BYTE_STEPS = Array.from({ length: 60 }, (_, i) => 2 ** i);
const SECOND_STEPS = [
  ...Array.from({ length: 13 }, (_, i) => [1, 2, 5].map((n) => Number(`${n}e${i - 12}`))).flat(),
  ...[10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400],
  ...Array.from({ length: 30 }, (_, i) => 86_400 * 2 ** (i + 1)),
];

/** A line chart over time. Recreated when its lines or the colors change. */
export class LineChart {
  private plot: uPlot | undefined;
  private key = '';
  private readonly observer: ResizeObserver;

  constructor(
    private readonly host: HTMLElement,
    private readonly height: number,
    private readonly unit: string,
    private readonly show: (value: number) => string,
  ) {
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
  }

  update(
    times: readonly number[],
    lines: readonly { readonly name: string; readonly values: readonly number[] }[],
  ): void {
    const key = JSON.stringify([lines.map(({ name }) => name), color('ink'), color('line-1')]);
    // uPlot draws null as a gap.
    const values = lines.map((line) => line.values.map((value) => (Number.isFinite(value) ? value : null)));
    const data = [[...times], ...values] as uPlot.AlignedData;
    if (key !== this.key || this.plot === undefined) {
      this.plot?.destroy();
      this.key = key;
      this.plot = new uPlot(this.options(lines.map(({ name }) => name)), data, this.host);
    } else this.plot.setData(data);
  }

  destroy(): void {
    this.observer.disconnect();
    this.plot?.destroy();
  }

  private resize(): void {
    const width = this.host.clientWidth;
    if (width > 0) this.plot?.setSize({ width, height: this.height });
  }

  private options(names: readonly string[]): uPlot.Options {
    const axis = {
      stroke: color('muted'),
      font: FONT,
      gap: 4,
      grid: { stroke: color('rule'), width: 1 },
      ticks: { stroke: color('rule'), size: 4 },
    };
    const steps = this.unit === 'bytes' ? BYTE_STEPS : this.unit === 'seconds' ? SECOND_STEPS : undefined;
    return {
      width: this.host.clientWidth || 300,
      height: this.height,
      legend: { show: false },
      cursor: { y: false },
      padding: [8, RIGHT, 0, 0],
      scales: { y: { range: (_, low, high) => rangeOf(low, high) } },
      axes: [
        {
          ...axis,
          // A label at the right edge would be cut off.
          values: (plot, splits) =>
            splits.map((at) =>
              plot.valToPos(at, 'x') > plot.bbox.width / devicePixelRatio - HALF_CLOCK ? null : clock(at),
            ),
          space: 80,
          size: 24,
        },
        {
          ...axis,
          ...(steps && { incrs: steps }),
          size: GUTTER,
          values: (_, splits) => splits.map((value) => this.show(value)),
        },
      ],
      series: [
        {},
        ...names.map((label, i) => ({
          label,
          stroke: color(colorName(i)),
          width: 1.75,
          dash: [...DASHES[i % MAX_LINES]],
          points: { show: false },
        })),
      ],
    };
  }
}

/** The local time of day: `14:05:09`. */
export function clock(seconds: number): string {
  return new Date(seconds * 1000).toTimeString().slice(0, 8);
}

/** The range of the y axis. It includes 0, because noise looks like a trend on an axis that does not. */
function rangeOf(low: number, high: number): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const [min, max] = [Math.min(0, low), Math.max(0, high)];
  if (max === min) return [min, min + 1];
  const margin = (max - min) * 0.08;
  return [min < 0 ? min - margin : min, max > 0 ? max + margin : max];
}
