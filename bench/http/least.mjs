// The least program that measures the requests of an Express app as HTTP metrics do: a histogram by method, route and
// status code, and a gauge of requests in progress. Its series are never removed, and it checks nothing.

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const MEASURED = Symbol('measured');
const inProgress = new Map();
const series = new Map();

class Measured {
  start = performance.now();
  over = false;

  constructor(request, gauge) {
    this.request = request;
    this.gauge = gauge;
  }
}

/** Measures the requests of a Nest app on Express from now on. */
export function measureRequests(app) {
  const express = app.getHttpAdapter().getInstance();
  const { handle } = express;
  express.handle = function (request, reply, next) {
    const gauge = cellsOf(inProgress, request.method, 1);
    gauge[0] += 1;
    reply[MEASURED] = new Measured(request, gauge);
    // A response whose client leaves is closed without being finished.
    reply.on('finish', record);
    reply.on('close', record);
    return handle.call(this, request, reply, next);
  };
}

function record() {
  const measured = this[MEASURED];
  if (measured.over) return;
  measured.over = true;
  const seconds = (performance.now() - measured.start) / 1000;
  measured.gauge[0] -= 1;
  const { method, route } = measured.request;
  const byMethod = mapOf(mapOf(series, route.path), method);
  const cells = cellsOf(byMethod, this.statusCode, BOUNDS.length + 2);
  let bucket = 0;
  while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) bucket++;
  cells[bucket] += 1;
  cells[cells.length - 1] += seconds;
}

function mapOf(map, key) {
  if (!map.has(key)) map.set(key, new Map());
  return map.get(key);
}

function cellsOf(map, key, length) {
  if (!map.has(key)) map.set(key, new Float64Array(length));
  return map.get(key);
}
