import { describe, expect, test } from '@jest/globals';
import { ConfigError, Counter, Gauge, Histogram, Info, LabelError, Registry, StateSet, Summary } from 'promark';
import { metricSeries } from '../support/page.js';

const names = ['method', 'route', 'status'] as const;

function counter(registry = new Registry()) {
  return new Counter({ name: 'hits_total', help: 'Hits', labelNames: names, registers: [registry] });
}

describe('curry', () => {
  test('records on the series of the given labels and the rest, in every label form', async () => {
    const hits = counter();
    const users = hits.curry({ route: '/users' });
    users.inc({ method: 'GET', status: 200 });
    users.inc({ status: '200', method: 'GET' }, 2);
    users.labels('GET', 200).inc();
    users.labels({ method: 'GET', status: '200' }).inc();
    hits.inc({ method: 'GET', route: '/users', status: '200' });
    expect(users.labelNames).toEqual(['method', 'status']);
    expect(await metricSeries(hits)).toEqual([[{ method: 'GET', route: '/users', status: '200' }, 6]]);
  });

  test('curries twice, until no label is left', async () => {
    const hits = counter();
    const gets = hits.curry({ status: 200 }).curry({ method: 'GET' });
    gets.inc({ route: '/' });
    gets.curry({ route: '/' }).inc(4);
    expect(await metricSeries(hits)).toEqual([[{ method: 'GET', route: '/', status: '200' }, 5]]);
  });

  test('recreates a series that was removed, and does not record on another in its row', async () => {
    const hits = counter();
    const users = hits.curry({ route: '/users', status: 200 });
    const whole = users.curry({ method: 'GET' });
    users.inc({ method: 'GET' });
    whole.inc();
    hits.removeMatching({});
    hits.inc({ method: 'PUT', route: '/other', status: 500 });
    users.inc({ method: 'GET' });
    whole.inc();
    expect(await metricSeries(hits)).toEqual([
      [{ method: 'PUT', route: '/other', status: '500' }, 1],
      [{ method: 'GET', route: '/users', status: '200' }, 2],
    ]);
    hits.reset();
    users.inc({ method: 'GET' }, 7);
    expect(await metricSeries(hits)).toEqual([[{ method: 'GET', route: '/users', status: '200' }, 7]]);
  });

  test('continues recording after the registry was cleared', async () => {
    const registry = new Registry();
    const hits = counter(registry);
    const users = hits.curry({ route: '/users' });
    registry.clear();
    users.inc({ method: 'GET', status: 200 });
    expect(hits.seriesCount).toBe(1);
  });

  test('removes and zeroes only series with the given labels', async () => {
    const hits = counter();
    const users = hits.curry({ route: '/users' });
    users.inc({ method: 'GET', status: 200 });
    users.inc({ method: 'PUT', status: 200 });
    users.inc({ method: 'PUT', status: 500 });
    hits.inc({ method: 'PUT', route: '/', status: 500 });
    users.remove('GET', 200);
    users.zero({ method: 'PUT', status: 500 });
    expect(users.removeMatching({ status: 200 })).toBe(1);
    expect(await metricSeries(hits)).toEqual([
      [{ method: 'PUT', route: '/users', status: '500' }, 0],
      [{ method: 'PUT', route: '/', status: '500' }, 1],
    ]);
  });

  test('refuses unknown labels and labels that are already given', () => {
    const hits = counter();
    expect(() => hits.curry({ rout: '/' } as never)).toThrow(LabelError);
    const users = hits.curry({ route: '/users' });
    expect(() => users.inc({ route: '/', method: 'GET', status: 200 } as never)).toThrow(
      'label "route" was already given to curry()',
    );
    expect(() => (users.labels as unknown as (method: string) => unknown).call(users, 'GET')).toThrow(
      'has 2 labels (method, status), got 1 value: ["GET"].',
    );
  });

  test('works for gauges, histograms, summaries and state sets', async () => {
    const registers = [new Registry()];
    const config = { help: 'h', labelNames: ['a', 'b'], registers } as const;
    const gauge = new Gauge({ ...config, name: 'g' });
    const histogram = new Histogram({ ...config, name: 'h', buckets: [1] });
    const summary = new Summary({ ...config, name: 's', percentiles: [] });
    const set = new StateSet({ ...config, name: 't', states: ['on', 'off'] });
    gauge.curry({ a: 1 }).set({ b: 2 }, 3);
    gauge.curry({ a: 1, b: 2 }).inc();
    histogram.curry({ b: 2 }).observe({ a: 1 }, 0.5);
    histogram.curry({ b: 2 }).startTimer({ a: 1 })();
    summary.curry({ a: 1 }).observe({ b: 2 }, 5);
    set.curry({ a: 1 }).state({ b: 2 }, 'off');
    const page = await registers[0].metrics();
    expect(page).toContain('g{a="1",b="2"} 4');
    expect(page).toContain('h_count{a="1",b="2"} 2');
    expect(page).toContain('s_sum{a="1",b="2"} 5');
    expect(page).toContain('t{a="1",b="2",t="off"} 1');
  });

  test('equals passing all labels at once, whatever series come and go meanwhile', async () => {
    const whole = counter();
    const other = counter();
    let seed = 7;
    const pick = <T>(list: readonly T[]): T => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return list[(seed >>> 8) % list.length];
    };
    const curried = new Map(names.map((name) => [name, new Map<string, { inc(labels: never): void }>()]));
    for (let i = 0; i < 3000; i++) {
      const labels = {
        method: pick(['GET', 'PUT']),
        route: pick(['/', '/a', '', '\uD800']),
        status: pick(['200', '500']),
      };
      if (pick([1, 2, 3, 4, 5]) === 1) {
        whole.remove(labels);
        other.remove(labels);
        continue;
      }
      const name = pick(names);
      const { [name]: value, ...rest } = labels;
      const known = curried.get(name);
      const family = known?.get(value) ?? other.curry({ [name]: value } as never);
      known?.set(value, family);
      whole.inc(labels);
      family.inc(rest as never);
    }
    expect(await metricSeries(other)).toEqual(await metricSeries(whole));
  });
});

test('an Info takes the labels that are left, and records the same series', async () => {
  const registry = new Registry();
  const build = new Info({ name: 'build', help: 'Build', labelNames: ['region', 'zone'], registers: [registry] });
  const eu = build.curry({ region: 'eu' });
  eu.info({ zone: 'a' }, { version: '1' });
  eu.labels('b').info({ version: '2' });
  eu.curry({ zone: 'c' }).info({ version: '3' });
  build.info({ region: 'us', zone: 'a' }, { version: '4' });
  expect(eu.labelNames).toEqual(['zone']);
  expect(await metricSeries(build)).toEqual([
    [{ region: 'eu', zone: 'a', version: '1' }, 1],
    [{ region: 'eu', zone: 'b', version: '2' }, 1],
    [{ region: 'eu', zone: 'c', version: '3' }, 1],
    [{ region: 'us', zone: 'a', version: '4' }, 1],
  ]);
  eu.remove('a');
  expect(eu.removeMatching({ zone: 'b' })).toBe(1);
  expect(await registry.metrics()).toContain('build_info{region="eu",zone="c",version="3"} 1');
  expect(await metricSeries(build)).toHaveLength(2);
  expect(() => eu.info({ zone: 'a' }, { region: 'us' })).toThrow('Info "build" has the label "region" already.');
  expect(() => build.curry({ planet: 'earth' } as never)).toThrow(LabelError);
});

test('a registry refuses a metric with labels given, and says what to register', () => {
  const hits = counter();
  const info = new Info({ name: 'build', help: 'Build', labelNames: ['region'], registers: [] });
  for (const curried of [hits.curry({ route: '/' }), info.curry({ region: 'eu' })]) {
    const register = () => new Registry().registerMetric(curried as never);
    expect(register).toThrow(ConfigError);
    expect(register).toThrow(
      /"(hits_total|build)" cannot be registered with labels given by curry\(\): register the metric/,
    );
  }
});
