import { colour, colourName, FONT, GUTTER, RIGHT } from './charts.js';
import type { Bucket } from './rates.js';

/** What was observed between two times. */
export interface HeatColumn {
  readonly from: number;
  readonly to: number;
  readonly buckets: readonly Bucket[];
}

/** Draws how many observations a second fell between which bounds, a column for each sample, below the chart of a family. */
export function drawHeatmap(
  canvas: HTMLCanvasElement,
  columns: readonly HeatColumn[],
  show: (value: number) => string,
): void {
  const painter = prepare(canvas);
  const [first, last] = [columns.at(0), columns.at(-1)];
  if (painter === undefined || first === undefined || last === undefined) return;
  const { context, width, height } = painter;
  const counted = columns.map(({ from, to, buckets }) => ({
    from,
    to,
    cells: buckets
      .filter(({ low, high, count }) => count > 0 && !Number.isNaN(low) && !Number.isNaN(high))
      .map(({ low, high, count }) => ({ low, high, rate: count / Math.max(0.1, to - from) })),
  }));
  const bounds = new Set(counted.flatMap(({ cells }) => cells.flatMap(({ low, high }) => [low, high])));
  const steps = [...bounds].sort((a, b) => a - b);
  if (steps.length < 2) return;
  const most = Math.max(...counted.flatMap(({ cells }) => cells.map(({ rate }) => rate)));
  const place = placesOf(steps);
  const y = (bound: number) => Math.round(height - (place.get(bound) ?? 0) * height);
  const seconds = last.to - first.from;
  const x = (time: number) => Math.round(GUTTER + ((time - first.from) / seconds) * (width - GUTTER - RIGHT));
  context.fillStyle = colour('heat');
  for (const { from, to, cells } of counted) {
    for (const { low, high, rate } of cells) {
      context.globalAlpha = 0.12 + 0.88 * Math.sqrt(rate / most);
      context.fillRect(x(from), y(high), Math.max(1, x(to) - x(from)), Math.max(1, y(low) - y(high)));
    }
  }
  context.globalAlpha = 1;
  context.fillStyle = colour('muted');
  context.font = FONT;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  let free = height;
  for (const bound of steps) {
    // As many bounds as have room, from below; what has no upper bound needs none.
    const at = Math.min(height - 7, Math.max(7, y(bound)));
    if (at > free || !Number.isFinite(bound)) continue;
    context.fillText(show(bound), GUTTER - 8, at);
    free = at - 16;
  }
}

/** Where bounds lie between 0 and 1: exponential ones by their logarithms, others at the same distance from each other. */
function placesOf(steps: readonly number[]): ReadonlyMap<number, number> {
  const [least, most] = [steps[0], steps[steps.length - 1]];
  const isExponential = least > 0 && Number.isFinite(most);
  const span = Math.log(most / least);
  return new Map(
    steps.map((bound, i) => [bound, isExponential ? Math.log(bound / least) / span : i / (steps.length - 1)]),
  );
}

/** When a state was on. */
export interface StateBand {
  /** The place of the state, by which it is coloured: the same for all series. */
  readonly state: number;
  readonly values: readonly number[];
}

/** Draws which states were on, a band for each. */
export function drawStates(canvas: HTMLCanvasElement, times: readonly number[], bands: readonly StateBand[]): void {
  const painter = prepare(canvas);
  const [first, last] = [times.at(0), times.at(-1)];
  if (painter === undefined || first === undefined || last === undefined) return;
  const { context, width, height } = painter;
  const band = height / bands.length;
  // Each sample holds until the next one; the last one has only just begun.
  const step = (last - first) / Math.max(1, times.length - 1) || 1;
  const x = (time: number) => Math.round(((time - first) / (last + step - first)) * width);
  bands.forEach(({ state, values }, i) => {
    context.fillStyle = colour('rule');
    context.fillRect(0, Math.round(i * band + band / 2), width, 1);
    context.fillStyle = colour(colourName(state));
    values.forEach((on, at) => {
      if (on !== 1) return;
      const [left, right] = [x(times[at]), x(times[at + 1] ?? last + step)];
      context.fillRect(left, i * band + 3, right - left, band - 6);
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
