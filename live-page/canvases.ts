import { color, colorName, FONT, GUTTER, RIGHT } from './charts.js';
import type { Bucket } from './rates.js';

/** The observations between two times. */
export interface HeatColumn {
  readonly from: number;
  readonly to: number;
  readonly buckets: readonly Bucket[];
}

/** Draws the rate of observations by bucket, with a column for each sample. */
export function drawHeatmap(
  canvas: HTMLCanvasElement,
  columns: readonly HeatColumn[],
  show: (value: number) => string,
): void {
  const surface = prepareCanvas(canvas);
  const [first, last] = [columns.at(0), columns.at(-1)];
  if (surface === undefined || first === undefined || last === undefined) return;
  const { context, width, height } = surface;
  const rates = columns.map(({ from, to, buckets }) => ({
    from,
    to,
    cells: buckets
      .filter(({ low, high, count }) => count > 0 && !Number.isNaN(low) && !Number.isNaN(high))
      .map(({ low, high, count }) => ({ low, high, rate: count / Math.max(0.1, to - from) })),
  }));
  const bounds = new Set(rates.flatMap(({ cells }) => cells.flatMap(({ low, high }) => [low, high])));
  const sortedBounds = [...bounds].sort((a, b) => a - b);
  if (sortedBounds.length < 2) return;
  const maxRate = Math.max(...rates.flatMap(({ cells }) => cells.map(({ rate }) => rate)));
  const positions = positionsOf(sortedBounds);
  const y = (bound: number) => Math.round(height - (positions.get(bound) ?? 0) * height);
  const seconds = last.to - first.from;
  const x = (time: number) => Math.round(GUTTER + ((time - first.from) / seconds) * (width - GUTTER - RIGHT));
  context.fillStyle = color('heat');
  for (const { from, to, cells } of rates) {
    for (const { low, high, rate } of cells) {
      context.globalAlpha = 0.12 + 0.88 * Math.sqrt(rate / maxRate);
      context.fillRect(x(from), y(high), Math.max(1, x(to) - x(from)), Math.max(1, y(low) - y(high)));
    }
  }
  context.globalAlpha = 1;
  context.fillStyle = color('muted');
  context.font = FONT;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  let free = height;
  for (const bound of sortedBounds) {
    // From the lowest up, as many bounds as there is room for.
    const center = Math.min(height - 7, Math.max(7, y(bound)));
    if (center > free || !Number.isFinite(bound)) continue;
    context.fillText(show(bound), GUTTER - 8, center);
    free = center - 16;
  }
}

/** Positions of bounds between 0 and 1: logarithmic if all are positive and finite, otherwise evenly spaced. */
function positionsOf(sortedBounds: readonly number[]): ReadonlyMap<number, number> {
  const [min, max] = [sortedBounds[0], sortedBounds[sortedBounds.length - 1]];
  const isLogarithmic = min > 0 && Number.isFinite(max);
  const span = Math.log(max / min);
  return new Map(
    sortedBounds.map((bound, i) => [
      bound,
      isLogarithmic ? Math.log(bound / min) / span : i / (sortedBounds.length - 1),
    ]),
  );
}

/** A state over time. */
export interface StateBand {
  /** The index of the state, which determines its color. */
  readonly state: number;
  readonly values: readonly number[];
}

/** Draws a band for each state, filled while the state was on. */
export function drawStates(canvas: HTMLCanvasElement, times: readonly number[], bands: readonly StateBand[]): void {
  const surface = prepareCanvas(canvas);
  const [first, last] = [times.at(0), times.at(-1)];
  if (surface === undefined || first === undefined || last === undefined) return;
  const { context, width, height } = surface;
  const band = height / bands.length;
  // A state lasts until the next sample; that of the last sample gets an average step.
  const step = (last - first) / Math.max(1, times.length - 1) || 1;
  const x = (time: number) => Math.round(((time - first) / (last + step - first)) * width);
  bands.forEach(({ state, values }, i) => {
    context.fillStyle = color('rule');
    context.fillRect(0, Math.round(i * band + band / 2), width, 1);
    context.fillStyle = color(colorName(state));
    values.forEach((on, at) => {
      if (on !== 1) return;
      const [left, right] = [x(times[at]), x(times[at + 1] ?? last + step)];
      context.fillRect(left, i * band + 3, right - left, band - 6);
    });
  });
}

/**
 * Clears a canvas and fits its resolution to the screen. Returns undefined if it cannot be drawn on.
 *
 * @param size Its size in CSS pixels. Reading the default from the element forces a layout.
 */
export function prepareCanvas(
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

/** Draws a sparkline into a box. */
export function drawSparkline(
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
