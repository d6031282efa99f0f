import { describe, expect, test } from '@jest/globals';
import { ConfigError, ConflictError, Counter, Gauge, Histogram, Info, Registry, StateSet, Summary } from 'promark';

type Maker = (config: any) => { readonly name: string };

const makers: Record<string, Maker> = {
  Counter: (config) => new Counter(config),
  Gauge: (config) => new Gauge(config),
  Histogram: (config) => new Histogram(config),
  Summary: (config) => new Summary(config),
  Info: (config) => new Info(config),
  StateSet: (config) =>
    new StateSet(typeof config === 'object' && config !== null ? { states: ['on'], ...config } : config),
};

const good = { name: 'thing', help: 'Things', registers: [] };

describe.each(Object.entries(makers))('a %s', (_kind, make) => {
  test.each<[string, unknown, string]>([
    ['no config', undefined, 'Metric configuration must be an object with name and help, got undefined.'],
    ['a name alone', 'thing', 'Metric configuration must be an object with name and help, got "thing".'],
    ['no name', { help: 'x' }, 'Metric name must be a string, got undefined.'],
    ['a number as the name', { ...good, name: 5 }, 'Metric name must be a string, got 5.'],
    [
      'an object as the name',
      { ...good, name: Object.create(null) },
      'Metric name must be a string, got an object {}.',
    ],
    ['an empty name', { ...good, name: '' }, 'Metric name must not be empty; use one such as "http_requests_total".'],
    ['a lone surrogate in the name', { ...good, name: 'a\ud800' }, 'Metric name "a\\ud800" contains a lone surrogate'],
    [
      'no help',
      { ...good, help: undefined },
      'Metric "thing" needs a help string that says what it measures, got undefined.',
    ],
    ['an empty help', { ...good, help: '' }, 'Metric "thing" needs a help string that says what it measures, got "".'],
    [
      'an object as help',
      { ...good, help: {} },
      'Metric "thing" needs a help string that says what it measures, got an object {}.',
    ],
    [
      'a string as labelNames',
      { ...good, labelNames: 'a' },
      'Metric "thing": labelNames must be an array of strings, got "a".',
    ],
    [
      'null as labelNames',
      { ...good, labelNames: null },
      'Metric "thing": labelNames must be an array of strings, got null.',
    ],
    ['a number as a label name', { ...good, labelNames: [1] }, 'Metric "thing": label name must be a string, got 1.'],
    ['an empty label name', { ...good, labelNames: [''] }, 'Metric "thing" has an empty label name.'],
    ['a label name twice', { ...good, labelNames: ['a', 'b', 'a'] }, 'Metric "thing" has the label "a" twice.'],
    [
      'a label name that Prometheus reserves',
      { ...good, labelNames: ['__name__'] },
      'label "__name__" begins with "__", which is reserved for Prometheus',
    ],
    ['__proto__ as a label name', { ...good, labelNames: ['__proto__'] }, 'label "__proto__" begins with "__"'],
    [
      'a lone surrogate in a label name',
      { ...good, labelNames: ['\udc00'] },
      'label name "\\udc00" contains a lone surrogate.',
    ],
    [
      'label names that are the same to old scrapers',
      { ...good, labelNames: ['a.b', 'a_b'] },
      'the labels "a.b" and "a_b" would be one',
    ],
    ['a number as the unit', { ...good, unit: 5 }, 'Metric "thing": unit must be a string, got 5.'],
    ['a string as collect', { ...good, collect: 'now' }, 'Metric "thing": collect must be a function, got "now".'],
    [
      'registers that are not an array',
      { ...good, registers: {} },
      'Metric "thing": registers must be an array of registries, got an object {}.',
    ],
    [
      'something that is not a registry in registers',
      { ...good, registers: [undefined] },
      'Metric "thing": registers must be an array of registries, got [undefined].',
    ],
    [
      'a fraction as maxSeries',
      { ...good, maxSeries: 1.5 },
      'Metric "thing": maxSeries must be a whole number, or 0 for no limit, got 1.5.',
    ],
    [
      'a negative maxSeries',
      { ...good, maxSeries: -1 },
      'Metric "thing": maxSeries must be a whole number, or 0 for no limit, got -1.',
    ],
    [
      'an unknown aggregator',
      { ...good, aggregator: 'most' },
      'Metric "thing": aggregator must be one of omit, sum, first, min, max, average, got "most".',
    ],
    [
      'a string as a flag',
      { ...good, isOfProcess: 'no' },
      'Metric "thing": isOfProcess must be true or false, got "no".',
    ],
    [
      'a number as a flag',
      { ...good, enableExemplars: 1 },
      'Metric "thing": enableExemplars must be true or false, got 1.',
    ],
  ])('is refused with %s', (_what, config, message) => {
    expect(() => make(config)).toThrow(ConfigError);
    expect(() => make(config)).toThrow(message);
  });

  test.each([
    'thing',
    ':a',
    '_',
    'A9',
    'a.b',
    'http requests',
    'größe',
    '😀',
    'a"b\\c\nd',
    'constructor',
    '__proto__',
    '1st',
  ])('may be named %j', (name) => {
    expect(make({ ...good, name }).name).toBe(name);
  });

  test('may have labels with names of Object.prototype members', () => {
    const labelNames = ['constructor', 'toString', 'hasOwnProperty', 'a.b', 'größe'];
    expect(make({ ...good, labelNames })).toMatchObject({ labelNames });
  });

  test('is registered nowhere if it is refused', () => {
    const registry = new Registry();
    expect(() => make({ ...good, unit: 5, registers: [registry] })).toThrow(ConfigError);
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  test('is registered nowhere if one registry refuses it', () => {
    const [free, taken] = [new Registry(), new Registry()];
    const first = make({ ...good, registers: [taken] });
    expect(() => make({ ...good, registers: [free, taken] })).toThrow(ConflictError);
    expect(free.getMetricsAsArray()).toEqual([]);
    expect(taken.getMetricsAsArray()).toEqual([first]);
  });

  test('may list the same registry twice', () => {
    const registry = new Registry();
    expect(registry.getMetricsAsArray()).toEqual([]);
    const metric = make({ ...good, registers: [registry, registry] });
    expect(registry.getMetricsAsArray()).toEqual([metric]);
  });
});

describe('a label that the metric writes itself', () => {
  test.each([
    ['le', (config: any) => new Histogram(config)],
    ['quantile', (config: any) => new Summary(config)],
  ])('cannot be in labelNames: %s', (label, make) => {
    expect(() => make({ ...good, labelNames: ['a', label] })).toThrow(
      `Metric "thing": label "${label}" is reserved for this type of metric; choose another name.`,
    );
  });

  test('can be in labelNames of another type', () => {
    expect(new Counter({ ...good, labelNames: ['le', 'quantile'] }).labelNames).toEqual(['le', 'quantile']);
    expect(new Summary({ ...good, labelNames: ['le'] }).labelNames).toEqual(['le']);
    expect(new Histogram({ ...good, labelNames: ['quantile'] }).labelNames).toEqual(['quantile']);
  });

  test('is named after the family in a state set', () => {
    const make = (name: string, label: string) => new StateSet({ ...good, name, labelNames: [label], states: ['on'] });
    expect(() => make('task', 'task')).toThrow('label "task" is reserved for this type of metric');
    expect(() => make('task.state', 'task_state')).toThrow('would be one for scrapers');
  });
});

describe('a unit', () => {
  test.each([
    ['job_seconds', 'seconds'],
    ['seconds_seconds', 'seconds'],
    ['a_per_b', 'per_b'],
  ])('must be the end of the name: %s in %s', (name, unit) => {
    expect(new Gauge({ ...good, name, unit }).unit).toBe(unit);
    expect(new Histogram({ ...good, name, unit }).unit).toBe(unit);
    expect(new Counter({ ...good, name: `${name}_total`, unit }).unit).toBe(unit);
  });

  test.each(['', undefined])('may be omitted: %p', (unit) => {
    expect(new Gauge({ ...good, unit } as never).unit).toBe('');
  });

  test('that the name does not end in is refused, with a suggested name', () => {
    const call = (name: string) => `has the unit "bytes", which its name must end with: name it "${name}".`;
    expect(() => new Gauge({ ...good, unit: 'bytes' })).toThrow(call('thing_bytes'));
    expect(() => new Gauge({ ...good, name: 'bytes', unit: 'bytes' })).toThrow(call('bytes_bytes'));
    expect(() => new Gauge({ ...good, name: 'kilobytes', unit: 'bytes' })).toThrow(call('kilobytes_bytes'));
    expect(() => new Counter({ ...good, name: 'sent_total', unit: 'bytes' })).toThrow(call('sent_bytes_total'));
    // Only a counter may have `_total` after its unit.
    expect(() => new Gauge({ ...good, name: 'sent_bytes_total', unit: 'bytes' })).toThrow(
      call('sent_bytes_total_bytes'),
    );
  });

  test('is refused for types whose values are strings', () => {
    const config = { ...good, name: 'task_state', unit: 'state', states: ['on'] };
    expect(() => new StateSet(config)).toThrow(
      'Metric "task_state" cannot have a unit, because its values are not quantities; omit "state".',
    );
    expect(() => new Info(config)).toThrow(
      'Metric "task_state" cannot have a unit, because its values are not quantities; omit "state".',
    );
  });
});

describe('an option of a single type', () => {
  test('of a gauge: the aggregator', () => {
    expect(new Gauge(good).aggregate).toBeUndefined();
    expect(new Gauge({ ...good, aggregate: 'livemax' }).aggregate).toBe('livemax');
    expect(() => new Gauge({ ...good, aggregate: 'average' as never })).toThrow(
      'Gauge "thing": aggregate must be one of all, liveall, sum, livesum, min, livemin, max, livemax, mostrecent, livemostrecent, got "average".',
    );
  });

  test.each<[string, object, string]>([
    ['percentiles', { percentiles: 0.5 }, 'Summary "thing": percentiles must be an array of ranks, got 0.5.'],
    [
      'percentiles',
      { percentiles: [0.5, 99] },
      'Summary "thing": a percentile must be a rank from 0 to 1, such as 0.99, got 99.',
    ],
    ['percentiles', { percentiles: [Number.NaN] }, 'got NaN.'],
    ['percentiles', { percentiles: ['0.5'] }, 'got "0.5".'],
    [
      'maxAgeSeconds',
      { maxAgeSeconds: 0 },
      'Summary "thing": maxAgeSeconds must be a number of seconds above 0, got 0.',
    ],
    ['maxAgeSeconds', { maxAgeSeconds: '60' }, 'got "60".'],
    [
      'pruneAgedBuckets',
      { pruneAgedBuckets: 'no' },
      'Metric "thing": pruneAgedBuckets must be true or false, got "no".',
    ],
    ['ageBuckets', { ageBuckets: 0 }, 'Summary "thing": ageBuckets must be a whole number from 1 to 1000, got 0.'],
    ['ageBuckets', { ageBuckets: 2.5 }, 'got 2.5.'],
    ['ageBuckets', { ageBuckets: 1e9 }, 'got 1000000000.'],
    ['slices', { maxAgeSeconds: 1e-14 }, '5 ageBuckets of 1e-14 seconds are shorter than a microsecond each.'],
  ])('of a summary: %s is refused in %j', (_option, config, message) => {
    expect(() => new Summary({ ...good, ...config } as never)).toThrow(ConfigError);
    expect(() => new Summary({ ...good, ...config } as never)).toThrow(message);
  });

  test.each<[unknown, string]>([
    [undefined, "states must be a list such as ['starting', 'running'], got undefined."],
    [[], 'got [].'],
    ['on', 'got "on".'],
    [['on', ''], 'a state must be a non-empty string, got "".'],
    [['on', 1], 'a state must be a non-empty string, got 1.'],
    [['on', 'off', 'on'], 'has the state "on" twice.'],
    [['\ud800'], 'the state "\\ud800" contains a lone surrogate, which has no UTF-8 form.'],
  ])('of a state set: the states %p are refused', (states, message) => {
    expect(() => new StateSet({ ...good, states } as never)).toThrow(ConfigError);
    expect(() => new StateSet({ ...good, states } as never)).toThrow(message);
  });
});

describe('a config for prom-client', () => {
  test('may hold undefined for unset options', () => {
    const nothing = { labelNames: undefined, registers: undefined, aggregator: undefined, collect: undefined };
    const registry = new Registry();
    const config = { ...nothing, ...good, registers: [registry], enableExemplars: undefined } as never;
    for (const make of [makers.Counter, makers.Gauge, makers.Histogram, makers.Summary]) {
      registry.clear();
      expect(make(config)).toMatchObject({ aggregator: 'sum', labelNames: [] });
    }
  });

  test('may set every option that prom-client has', () => {
    const summary = new Summary({
      ...good,
      labelNames: ['a'],
      percentiles: [0.5],
      maxAgeSeconds: 60,
      ageBuckets: 3,
      pruneAgedBuckets: true,
      compressCount: 10,
      aggregator: 'max',
      enableExemplars: false,
      collect() {},
    });
    expect(summary).toMatchObject({ name: 'thing', aggregator: 'max', percentiles: [0.5] });
  });
});

describe('a warning about a name that must be quoted in queries', () => {
  function warnings(make: (registers: Registry[]) => unknown): string[] {
    const messages: string[] = [];
    make([new Registry({ logger: { warn: (message) => messages.push(message) } })]);
    return messages;
  }

  test.each(Object.entries(makers))('is logged once for a %s', (_kind, make) => {
    const messages = warnings((registers) => {
      make({ name: 'my-metric', help: 'M', registers });
      registers[0].removeSingleMetric('my-metric');
      make({ name: 'my-metric', help: 'M', registers });
    });
    expect(messages).toEqual([
      'promark: Metric name "my-metric" is not made of letters, digits and underscores only: it has to be quoted in ' +
        'queries, and scrapers older than Prometheus 3 see "my_metric". Unless that is intended, name it "my_metric".',
    ]);
  });

  test.each(['1x', 'größe', 'a b', 'a.1', 'http:x-y'])('is logged for %s', (name) => {
    expect(warnings((registers) => new Gauge({ name, help: 'G', registers }))).toHaveLength(1);
  });

  test('is also logged for a label name', () => {
    const [message] = warnings((registers) => {
      new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['status-code', 'method'], registers });
    });
    expect(message).toContain('Metric "hits_total": label name "status-code" is not made of letters');
  });

  test('is not logged for plain names and for dotted ones, as in OpenTelemetry', () => {
    const names = ['hits_total', 'job:rate5m', 'http.server.duration', '_x'];
    const messages = warnings((registers) =>
      names.map((name) => new Gauge({ name, help: 'G', labelNames: ['service.name', 'a1'], registers })),
    );
    expect(messages).toEqual([]);
  });

  test('is skipped if the registry is of an older version, or there is none', () => {
    const { store, maxSeries } = new Registry();
    const faults = { overflow() {}, collectFailed() {}, instrumentation() {} };
    const older = { store, maxSeries, faults, registerMetric() {}, removeSingleMetric() {} };
    expect(new Gauge({ name: 'my-gauge', help: 'G', registers: [older] }).name).toBe('my-gauge');
    expect(new Gauge({ name: 'my-gauge', help: 'G', registers: [] }).name).toBe('my-gauge');
  });
});
