import uPlot from 'uplot';
import type { Bucket } from './rates.js';

/** The colours of the page as they are now, light or dark. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Lines are told apart by dashes as well as by colours. */
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [12, 3], [4, 4], [1, 3], [10, 2, 2, 2]];
export const MOST_LINES = DASHES.length;

/** Lines over time. Made anew where other lines are shown, or in other colours. */
export class LineChart {
  private plot: uPlot | undefined;
  private key = '';
  private readonly observer: ResizeObserver;

  constructor(
    private readonly host: HTMLElement,
    private readonly height: number,
    private readonly show: (value: number) => string,
  ) {
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
  }

  update(
    times: readonly number[],
    lines: readonly { readonly name: string; readonly values: readonly number[] }[],
  ): void {
    const key = JSON.stringify([lines.map(({ name }) => name), colour('ink'), colour('line-1')]);
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
      stroke: colour('muted'),
      grid: { stroke: colour('rule'), width: 1 },
      ticks: { stroke: colour('rule') },
    };
    return {
      width: this.host.clientWidth || 300,
      height: this.height,
      legend: { show: false },
      cursor: { y: false },
      padding: [8, 8, 0, 0],
      scales: { y: { range: (_, low, high) => rangeOf(low, high) } },
      axes: [
        {
          ...axis,
          values: (_, splits) => splits.map((at) => new Date(at * 1000).toTimeString().slice(0, 8)),
          space: 80,
        },
        { ...axis, size: 62, values: (_, splits) => splits.map((value) => this.show(value)) },
      ],
      series: [
        {},
        ...names.map((label, i) => ({
          label,
          stroke: colour(`line-${(i % 4) + 1}`),
          width: 1.75,
          dash: DASHES[i % MOST_LINES],
          points: { show: false },
        })),
      ],
    };
  }
}

/** From 0 where all values are above: an axis that begins elsewhere makes noise look like news. */
function rangeOf(low: number, high: number): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const [least, most] = [Math.min(0, low), Math.max(0, high)];
  return most === least ? [least, least + 1] : [least, most + (most - least) * 0.08];
}

/** Draws how many observations fell between which bounds, a column for each time. */
export function drawHeatmap(canvas: HTMLCanvasElement, columns: readonly (readonly Bucket[])[]): void {
  const painter = prepare(canvas);
  if (painter === undefined) return;
  const { context, width, height } = painter;
  const bounds = [
    ...new Set(
      columns.flatMap((buckets) => buckets.filter(({ count }) => count > 0).flatMap(({ low, high }) => [low, high])),
    ),
  ];
  const steps = bounds.filter((bound) => !Number.isNaN(bound)).sort((a, b) => a - b);
  if (steps.length < 2) return;
  const most = Math.max(...columns.flatMap((buckets) => buckets.map(({ count }) => count)));
  const y = (bound: number) => height - (Math.max(0, steps.indexOf(bound)) / (steps.length - 1)) * height;
  const cell = width / columns.length;
  context.fillStyle = colour('heat');
  columns.forEach((buckets, i) => {
    for (const { low, high, count } of buckets) {
      if (count <= 0) continue;
      context.globalAlpha = 0.12 + 0.88 * Math.sqrt(count / most);
      context.fillRect(i * cell, y(high), Math.ceil(cell), Math.max(1, y(low) - y(high)));
    }
  });
  context.globalAlpha = 1;
}

/** Draws which states were on, a band for each. */
export function drawStates(canvas: HTMLCanvasElement, states: readonly (readonly number[])[]): void {
  const painter = prepare(canvas);
  if (painter === undefined) return;
  const { context, width, height } = painter;
  const band = height / states.length;
  states.forEach((values, i) => {
    context.fillStyle = colour('rule');
    context.fillRect(0, i * band + band / 2 - 1, width, 1);
    context.fillStyle = colour(`line-${(i % 4) + 1}`);
    const cell = width / values.length;
    values.forEach((on, at) => {
      if (on === 1) context.fillRect(at * cell, i * band + 2, Math.ceil(cell), band - 4);
    });
  });
}

/**
 * Sizes a canvas for the screen and empties it; undefined where it cannot be drawn on.
 *
 * @param size Its size in CSS pixels, where that is known: asking for it costs a layout.
 */
export function prepare(
  canvas: HTMLCanvasElement,
  size: { readonly width: number; readonly height: number } = {
    width: canvas.clientWidth,
    height: canvas.clientHeight,
  },
): { readonly context: CanvasRenderingContext2D; readonly width: number; readonly height: number } | undefined {
  const { width, height } = size;
  const ratio = devicePixelRatio || 1;
  const context = canvas.getContext('2d');
  if (context === null || width === 0) return undefined;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Draws one small line into a box. */
export function drawSpark(
  context: CanvasRenderingContext2D,
  values: readonly number[],
  [left, top, width, height]: readonly [number, number, number, number],
): void {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high === low ? 0 : height / (high - low);
  let isOpen = false;
  context.beginPath();
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) {
      isOpen = false;
      return;
    }
    const [x, y] = [left + (i / Math.max(1, values.length - 1)) * width, top + height - (value - low) * scale];
    if (isOpen) context.lineTo(x, y);
    else context.moveTo(x, y);
    isOpen = true;
  });
  context.stroke();
}
