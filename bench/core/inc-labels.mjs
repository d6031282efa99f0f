import { ofClients, warm } from '../harness/clients.mjs';
import { check, nanosecondsPerCall } from '../harness/loop.mjs';
import { instrument, OPENTELEMETRY, openTelemetry } from '../harness/opentelemetry.mjs';
import { BUCKETS, LABEL_NAMES, methods, routes, SETS, statuses } from '../harness/traffic.mjs';

/** Few values per label: with as many as there are sets, the limit's table of all combinations would be too large. */
const wordOf = (set, position) => Buffer.from(`value ${(set >> (position % 6)) & 1} of label ${position}`).toString();

const wide = (count) => Array.from({ length: count }, (_, i) => `label_${i}`);
const columns = (count) => wide(count).map((_, i) => Array.from({ length: SETS }, (_, set) => wordOf(set, i)));
const traffic = { names: LABEL_NAMES, columns: [methods, routes, statuses] };
const numbers = { ...traffic, columns: [methods, routes, statuses.map(Number)] };
const ofLabels = (count) => ({ names: wide(count), columns: columns(count) });

/** Recording with a labels object. `order` is the order in which the caller writes the labels. */
const WAYS = {
  object: { work: '`inc({ a, b, c })`', ...traffic, atLeast: { 20: 5.5, 26: 4 }, atMost: 1.6 },
  set: {
    work: '`set({ a, b, c }, v)`',
    ...traffic,
    type: 'Gauge',
    call: 'set',
    value: '3',
    atLeast: { 20: 5, 26: 3 },
    atMost: 1.6,
  },
  observe: {
    work: '`observe({ a, b, c }, v)`',
    ...traffic,
    type: 'Histogram',
    call: 'observe',
    value: '0.03',
    atLeast: 9,
    atMost: 1.6,
  },
  one: { work: '`inc({ a })`', ...ofLabels(1), atLeast: 4.5 },
  two: { work: '`inc({ a, b })`', ...ofLabels(2), atLeast: 4.5 },
  five: { work: '`inc()` with 5 labels', ...ofLabels(5), atLeast: 4.5 },
  eight: { work: '`inc()` with 8 labels', ...ofLabels(8), atLeast: 4.5 },
  order: { work: '`inc({ c, a, b })`, another order', ...traffic, order: [2, 0, 1], atLeast: 4.5 },
  number: { work: '`inc({ a, b, c })`, `c` a number', ...numbers, atLeast: 4.5 },
  positional: {
    work: '`labels(a, b, c).inc()`',
    ...traffic,
    form: 'positional',
    atLeast: { 20: 8, 26: 7 },
    atMost: 1.5,
  },
  curried: { work: '`curry({ a, b })`, then `inc({ c })`', ...traffic, form: 'curried', atLeast: 25 },
};

/** Finding a series by its labels and recording in it, each way in a separate process. */
export default Object.entries(WAYS).map(([name, { work, atLeast, atMost, ...way }]) => ({
  name: `labels-${name}`,
  rows: [
    { work, value: 'call', unit: 'ns', against: 'peers', atLeast },
    { work, value: 'call', unit: 'ns', against: 'limit', atMost },
  ],
  work: {
    limit: (options) => lookups(way, options),
    ...ofClients((client, options) => recording(client, way, options)),
    // It has neither bound instruments nor values by position.
    ...(way.form === undefined && { [OPENTELEMETRY]: (options) => recordingAttributes(way, options) }),
  },
  limit: 'a Map.get for each label, and an addition',
}));

/**
 * `loop(n)` makes n calls. The code is generated, so that each loop has the label names in its source, as callers do.
 */
function loopOf(code, { names, columns }, subject) {
  const source = `return (n) => { for (let i = 0; i < n; i++) { const set = i & ${SETS - 1}; ${code} } }`;
  const parameters = [...names.map((_, i) => `c${i}`), 'subject'];
  return new Function(...parameters, source)(...columns, subject);
}

function codeOf({ names, order = names.map((_, i) => i), call = 'inc', value, form = 'object' }) {
  const more = value === undefined ? '' : `, ${value}`;
  if (form === 'positional') return `subject.labels(${names.map((_, i) => `c${i}[set]`)}).${call}(${value ?? ''})`;
  if (form === 'curried') return `subject[set].${call}({ ${names.at(-1)}: c${names.length - 1}[set] }${more})`;
  return `subject.${call}({ ${order.map((i) => `${names[i]}: c${i}[set]`).join(', ')} }${more})`;
}

async function recording(client, way, options) {
  await warm(client);
  const { names, columns, type = 'Counter', form } = way;
  const config = { name: 'c_total', help: 'C', labelNames: names, registers: [new client.Registry()] };
  const metric = new client[type](type === 'Histogram' ? { ...config, buckets: BUCKETS } : config);
  let calls = 0;
  const loop =
    form === 'curried' && metric.curry === undefined
      ? loopOf(codeOf({ ...way, form: 'object' }), way, metric)
      : loopOf(codeOf(way), way, form === 'curried' ? curriedBy(metric, way) : metric);
  const call = nanosecondsPerCall((n) => {
    loop(n);
    calls += n;
  }, options);
  const { values } = await metric.get();
  const series = new Set(Array.from({ length: SETS }, (_, set) => columns.map((column) => column[set]).join()));
  const own = values.filter(({ metricName }) => type !== 'Histogram' || metricName?.endsWith('_count'));
  check(own.length === series.size, 'series are missing');
  const sum = own.reduce((total, { value }) => total + value, 0);
  check(type === 'Gauge' || sum === calls, 'recordings are missing');
  return { call };
}

/** The same by OpenTelemetry, which takes the value first. */
async function recordingAttributes(way, options) {
  const { meter, counts } = await openTelemetry();
  const { subject, method } = instrument(meter, way.type ?? 'Counter', BUCKETS);
  const { names, columns, order = names.map((_, i) => i), value = '1' } = way;
  const attributes = order.map((i) => `${names[i]}: c${i}[set]`).join(', ');
  const loop = loopOf(`subject.${method}(${value}, { ${attributes} })`, way, subject);
  let calls = 0;
  const call = nanosecondsPerCall((n) => {
    loop(n);
    calls += n;
  }, options);
  const found = await counts();
  const series = new Set(Array.from({ length: SETS }, (_, set) => columns.map((column) => column[set]).join()));
  check(found.length === series.size, 'series are missing');
  check(way.type === 'Gauge' || found.reduce((sum, count) => sum + count, 0) === calls, 'recordings are missing');
  return { call };
}

/** For each set, a metric curried with all labels but the last. */
const curriedBy = (metric, { names, columns }) =>
  Array.from({ length: SETS }, (_, set) =>
    metric.curry(Object.fromEntries(names.slice(0, -1).map((name, i) => [name, columns[i][set]]))),
  );

/**
 * The minimum cost of finding a series by its label values: the strings have to be read in any case, and a Map is the
 * only thing that hashes them natively. The cells of all combinations are contiguous.
 */
function lookups(way, options) {
  const { names, columns, type = 'Counter', form = 'object', order = names.map((_, i) => i) } = way;
  const maps = columns.map((column) => new Map([...new Set(column)].map((value, i) => [String(value), i])));
  const widths = names.map((_, i) => maps.slice(i + 1).reduce((product, { size }) => product * size, 1));
  const width = type === 'Histogram' ? BUCKETS.length + 2 : 1;
  const cells = new Float64Array(maps.reduce((product, { size }) => product * size, 1) * width);
  const text = (i, value) => (typeof columns[i][0] === 'number' ? `String(${value})` : value);
  const place = (values) => values.map((value, i) => `m${i}.get(${text(i, value)}) * ${widths[i] * width}`).join(' + ');
  const add = {
    Counter: 'cells[at] += 1;',
    Gauge: 'cells[at] = value;',
    Histogram: `let bucket = 0; while (bucket < bounds.length && value > bounds[bucket]) bucket++;
      cells[at + bucket] += 1; cells[at + bounds.length + 1] += value;`,
  }[type];
  // As strict as required: every label present, and no others.
  const read = `let next = 0; ${names.map((_, i) => `let v${i} = '';`).join(' ')}
    for (const label in labels) {
      switch (next++) { ${order
        .map(
          (of, next) => `case ${next}: if (label !== '${names[of]}') throw label; v${of} = labels.${names[of]}; break;`,
        )
        .join(' ')} default: throw label; }
    }`;
  const parameters = {
    object: ['labels, value', `${read} const at = ${place(names.map((_, i) => `v${i}`))};`],
    positional: ['a, b, c, value', `const at = ${place(['a', 'b', 'c'].slice(0, names.length))};`],
    // All labels but the last form a precomputed sum.
    curried: [
      'labels, value',
      `let v = ''; for (const label in labels) { if (label !== '${names.at(-1)}') throw label; v = labels[label]; }
       const at = base + m${names.length - 1}.get(v);`,
    ],
  }[form];
  const make = new Function(
    ...maps.map((_, i) => `m${i}`),
    'cells',
    'bounds',
    'base',
    `return (${parameters[0]}) => { ${parameters[1]} ${add} };`,
  );
  const subjectFor = (base) => make(...maps, cells, BUCKETS, base);
  const subject =
    form === 'curried'
      ? Array.from({ length: SETS }, (_, set) =>
          subjectFor(columns.slice(0, -1).reduce((sum, column, i) => sum + maps[i].get(column[set]) * widths[i], 0)),
        )
      : subjectFor(0);
  const code = codeOf(way)
    .replace(/\.labels\((.*)\)\.inc\(\)/, '($1)')
    .replace(/\.(inc|set|observe)\(/, '(');
  let calls = 0;
  const loop = loopOf(code, way, subject);
  const call = nanosecondsPerCall((n) => {
    loop(n);
    calls += n;
  }, options);
  check(type !== 'Counter' || cells.reduce((sum, cell) => sum + cell) === calls, 'increments are missing');
  return { call };
}
