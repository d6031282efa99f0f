// The least decorators for any method of any class: what they record is the work of promark's.

const BOUNDS = Float64Array.of(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10);
/** Enough for this program: a library has to grow them. */
const cells = new Float64Array(1 << 16);
let used = 0;

/** What may change between two calls: metrics leave a registry, and a source of exemplars is set. */
const registry = { generation: 0 };
const exemplars = { source: undefined, kept: [] };

/** Where the calls of one method are recorded: the class that `this` has it from, and the cells of successes and failures. */
class Series {
  constructor(prototype) {
    this.prototype = prototype;
    this.generation = registry.generation;
    this.isLive = true;
    this.cells = cells;
    this.ok = used;
    this.failed = used + BOUNDS.length + 2;
    used += 2 * (BOUNDS.length + 2);
  }
}

// Each wrapper passes `this`, arguments and result on, records errors and throws them, follows promises, and looks its
// series up again for another class, or if it was removed. It has no label functions, no generators or streams, and no
// regard for what fails in recording.

function isKnown(series, self) {
  return (
    series !== undefined &&
    series.prototype === Object.getPrototypeOf(self) &&
    series.generation === registry.generation &&
    series.isLive
  );
}

function leastCounted(body) {
  let series;
  const count = (failed) => {
    series.cells[failed ? series.failed : series.ok] += 1;
  };
  return function (...args) {
    if (!isKnown(series, this)) series = new Series(Object.getPrototypeOf(this));
    let result;
    try {
      result = Reflect.apply(body, this, args);
    } catch (error) {
      count(true);
      throw error;
    }
    if (typeof result === 'object' && result !== null && typeof result.then === 'function')
      return follow(result, count);
    series.cells[series.ok] += 1;
    return result;
  };
}

function leastInProgress(body) {
  let series;
  return function (...args) {
    if (!isKnown(series, this)) series = new Series(Object.getPrototypeOf(this));
    // The same series at the end, whatever happens meanwhile.
    const begun = series;
    begun.cells[begun.ok] += 1;
    let result;
    try {
      result = Reflect.apply(body, this, args);
    } catch (error) {
      begun.cells[begun.ok] -= 1;
      throw error;
    }
    if (typeof result === 'object' && result !== null && typeof result.then === 'function') {
      return follow(result, () => {
        begun.cells[begun.ok] -= 1;
      });
    }
    begun.cells[begun.ok] -= 1;
    return result;
  };
}

function leastTimed(body) {
  let series;
  const observe = (start, failed, traced) => {
    const seconds = (performance.now() - start) / 1000;
    const from = failed ? series.failed : series.ok;
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) bucket++;
    series.cells[from + bucket] += 1;
    series.cells[from + BOUNDS.length + 1] += seconds;
    if (traced !== undefined) keep(from + bucket, traced, seconds);
  };
  return function (...args) {
    if (!isKnown(series, this)) series = new Series(Object.getPrototypeOf(this));
    // When the call begins: at its end, another trace may be active.
    const traced = exemplars.source?.();
    const start = performance.now();
    let result;
    try {
      result = Reflect.apply(body, this, args);
    } catch (error) {
      observe(start, true, traced);
      throw error;
    }
    if (typeof result === 'object' && result !== null && typeof result.then === 'function') {
      return follow(result, (failed) => observe(start, failed, traced));
    }
    observe(start, false, traced);
    return result;
  };
}

/** Records when a promise is settled. Callers get the derived one, so that a rejection that nobody handles is reported once. */
function follow(promise, record) {
  return promise.then(
    (value) => {
      record(false);
      return value;
    },
    (error) => {
      record(true);
      throw error;
    },
  );
}

/** Keeps an exemplar: a copy of its labels, which callers may change, of no more than 128 characters in all, and the time. */
function keep(at, labels, value) {
  let length = 0;
  for (const name in labels) length += name.length + labels[name].length;
  if (length <= 128) exemplars.kept[at] = { labels: { ...labels }, value, timestamp: Date.now() };
}

const applied = (wrapper) => () => (_target, _key, descriptor) => ({ ...descriptor, value: wrapper(descriptor.value) });

export const LEAST = {
  Timed: applied(leastTimed),
  Counted: applied(leastCounted),
  InProgress: applied(leastInProgress),
  CountExceptions: applied(leastCounted),
};

export function setLeastSource(source) {
  exemplars.source = source;
}

/** The number of exemplars that were kept. */
export function keptExemplars() {
  return Object.keys(exemplars.kept).length;
}
