import { describe, expect, test } from '@jest/globals';
import {
  Counter,
  type FamilySnapshot,
  Gauge,
  Histogram,
  Info,
  parseOpenMetrics,
  parseText,
  Registry,
  StateSet,
  Summary,
} from 'promark';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';

describe('a text page', () => {
  test('shows every type', async () => {
    const registry = everyType();
    expect(await registry.metrics()).toBe(`\
# HELP http_requests_total Requests, "all" of them\\nand \\\\ more
# TYPE http_requests_total counter
http_requests_total{method="GET",path="/"} 2
http_requests_total{method="POST"} 1
# HELP room_celsius Temperature
# TYPE room_celsius gauge
room_celsius -3.5
# HELP job_seconds Job time
# TYPE job_seconds histogram
job_seconds_bucket{le="0.5"} 1
job_seconds_bucket{le="1.0"} 2
job_seconds_bucket{le="1e+06"} 2
job_seconds_bucket{le="+Inf"} 3
job_seconds_sum 2000001
job_seconds_count 3
# HELP rpc_seconds RPC time
# TYPE rpc_seconds summary
rpc_seconds{quantile="0.5"} 2
rpc_seconds{quantile="1.0"} 3
rpc_seconds_sum 6
rpc_seconds_count 3
# HELP build_info Build
# TYPE build_info gauge
build_info{version="1.2.3"} 1
# HELP task State
# TYPE task gauge
task{task="starting"} 0
task{task="running"} 1
`);
  });

  test('parses to the same as gather()', async () => {
    const registry = everyType();
    const parsed = parseText(await registry.metrics());
    expect(samplesOf(parsed)).toEqual(samplesOf(await registry.gather()));
  });

  test('writes NaN and infinities as Prometheus reads them', async () => {
    const registry = new Registry();
    const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['v'], registers: [registry] });
    for (const value of [Number.NaN, Infinity, -Infinity, 1e308, 5e-324, -0, 2 ** 31, -1, 1e21])
      gauge.set({ v: String(value) }, value);
    const values = [...(await registry.metrics()).matchAll(/^g\{.*\} (.*)$/gm)].map(([, value]) => value);
    expect(values).toEqual(['NaN', '+Inf', '-Inf', '1e+308', '5e-324', '0', '2147483648', '-1', '1e+21']);
  });

  test('escapes names that old scrapers do not support, and keeps them for scrapers that ask', async () => {
    const registry = new Registry();
    new Counter({ name: 'http.requests', help: 'R', labelNames: ['http.path'], registers: [registry] }).inc({
      'http.path': '/',
    });
    expect(await registry.metrics()).toContain('\nhttp_requests{http_path="/"} 1\n');
    const page = await registry.render('text/plain;version=1.0.0;escaping=allow-utf-8');
    expect(page.text).toContain('# TYPE "http.requests" counter\n{"http.requests","http.path"="/"} 1\n');
    expect(page.contentType).toBe('text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8');
    expect(parseText(page.text)[0].name).toBe('http.requests');
  });
});

describe('an OpenMetrics page', () => {
  test('shows every type', async () => {
    const registry = everyType();
    expect((await registry.render(OPENMETRICS)).text).toBe(`\
# TYPE http_requests counter
# HELP http_requests Requests, \\"all\\" of them\\nand \\\\ more
http_requests_total{method="GET",path="/"} 2
http_requests_total{method="POST"} 1
# TYPE room_celsius gauge
# UNIT room_celsius celsius
# HELP room_celsius Temperature
room_celsius -3.5
# TYPE job_seconds histogram
# UNIT job_seconds seconds
# HELP job_seconds Job time
job_seconds_bucket{le="0.5"} 1
job_seconds_bucket{le="1.0"} 2
job_seconds_bucket{le="1e+06"} 2
job_seconds_bucket{le="+Inf"} 3
job_seconds_sum 2000001
job_seconds_count 3
# TYPE rpc_seconds summary
# HELP rpc_seconds RPC time
rpc_seconds{quantile="0.5"} 2
rpc_seconds{quantile="1.0"} 3
rpc_seconds_sum 6
rpc_seconds_count 3
# TYPE build info
# HELP build Build
build_info{version="1.2.3"} 1
# TYPE task stateset
# HELP task State
task{task="starting"} 0
task{task="running"} 1
# EOF
`);
  });

  test('parses to the same as gather()', async () => {
    const registry = everyType();
    const parsed = parseOpenMetrics((await registry.render(OPENMETRICS)).text);
    expect(parsed).toEqual(await registry.gather());
  });

  test('keeps the name of a counter that does not end in _total, as unknown', async () => {
    const registry = new Registry();
    const counter = new Counter({ name: 'requests', help: 'R', registers: [registry] });
    counter.inc();
    expect((await registry.render(OPENMETRICS)).text).toBe(
      '# TYPE requests unknown\n# HELP requests R\nrequests 1\n# EOF\n',
    );
    expect(await registry.metrics()).toContain('# TYPE requests counter\nrequests 1\n');
    expect(counter.name).toBe('requests');
  });

  test('leaves out the sum and the count of a histogram with negative bounds', async () => {
    const registry = new Registry();
    const histogram = new Histogram({ name: 'delta', help: 'D', buckets: [-1, 0, 1], registers: [registry] });
    histogram.observe(-0.5);
    const lines =
      '\ndelta_bucket{le="-1.0"} 0\ndelta_bucket{le="0.0"} 1\ndelta_bucket{le="1.0"} 1\ndelta_bucket{le="+Inf"} 1\n# EOF\n';
    expect((await registry.render(OPENMETRICS)).text).toContain(lines);
    histogram.observe(100);
    histogram.observe(-100);
    const changed =
      '\ndelta_bucket{le="-1.0"} 1\ndelta_bucket{le="0.0"} 2\ndelta_bucket{le="1.0"} 2\ndelta_bucket{le="+Inf"} 3\n# EOF\n';
    expect((await registry.render(OPENMETRICS)).text).toContain(changed);
  });

  test('omits the sum and the count of a histogram, and negative values of a summary', async () => {
    const registry = new Registry();
    const seconds = new Histogram({ name: 'h', help: 'H', buckets: [1], registers: [registry] });
    const balance = new Summary({ name: 's', help: 'S', percentiles: [0.5], registers: [registry] });
    const page = async () => (await registry.render(OPENMETRICS)).text.replace(/^# .*\n/gm, '');
    seconds.observe(3);
    balance.observe(3);
    expect(await page()).toBe(
      'h_bucket{le="1.0"} 0\nh_bucket{le="+Inf"} 1\nh_sum 3\nh_count 1\ns{quantile="0.5"} 3\ns_sum 3\ns_count 1\n',
    );
    seconds.observe(-5);
    for (let i = 0; i < 3; i++) balance.observe(-5);
    expect(await page()).toBe('h_bucket{le="1.0"} 1\nh_bucket{le="+Inf"} 2\ns_count 4\n');
    expect(await registry.metrics()).toContain('s{quantile="0.5"} -5\ns_sum -12\ns_count 4\n');
    seconds.observe(9);
    expect(await page()).toBe('h_bucket{le="1.0"} 1\nh_bucket{le="+Inf"} 3\nh_sum 7\nh_count 3\ns_count 4\n');
  });

  test('shows exemplars on counters and buckets, and only there', async () => {
    const registry = new Registry();
    const total = new Counter({ name: 'a_total', help: 'A', enableExemplars: true, registers: [registry] });
    const seconds = new Histogram({ name: 'b', help: 'B', buckets: [1], enableExemplars: true, registers: [registry] });
    total.inc({ value: 2, exemplarLabels: { trace_id: 'x"y' } });
    seconds.observe({ value: 5, exemplarLabels: { trace_id: 'z' } });
    const page = (await registry.render(OPENMETRICS)).text;
    expect(page).toMatch(/\na_total 2 # \{trace_id="x\\"y"\} 2 \d+(\.\d+)?\n/);
    expect(page).toMatch(
      /\nb_bucket\{le="1.0"\} 0\nb_bucket\{le="\+Inf"\} 1 # \{trace_id="z"\} 5 \d+(\.\d+)?\nb_sum 5\nb_count 1\n/,
    );
    expect(await registry.metrics()).not.toContain('trace_id');
    total.inc();
    seconds.observe(6);
    const later = (await registry.render(OPENMETRICS)).text;
    expect(later).toMatch(/\na_total 3 # \{trace_id="x\\"y"\} 2 /);
    expect(later).toMatch(/\nb_bucket\{le="\+Inf"\} 2 # \{trace_id="z"\} 5 /);
    expect(parseOpenMetrics(later)[0].samples[0].exemplar?.labels).toEqual({ trace_id: 'x"y' });
  });

  test('shows when series began, with the option created', async () => {
    const registry = new Registry({ created: true });
    const before = Date.now() / 1000;
    new Counter({ name: 'a_total', help: 'A', labelNames: ['l'], registers: [registry] }).inc({ l: 'x' });
    new Histogram({ name: 'h', help: 'H', buckets: [1], registers: [registry] }).observe(1);
    new Gauge({ name: 'g', help: 'G', registers: [registry] }).set(1);
    const page = (await registry.render(OPENMETRICS)).text;
    const created = Number(/^a_created\{l="x"\} (.*)$/m.exec(page)?.[1]);
    expect(created).toBeGreaterThanOrEqual(before);
    expect(created).toBeLessThanOrEqual(Date.now() / 1000);
    expect(page).toMatch(/^h_count 1\nh_created \d/m);
    expect(page).not.toContain('g_created');
    expect(parseOpenMetrics(page)).toHaveLength(3);
    expect(await registry.metrics()).not.toContain('_created');
  });
});

describe('an escaped page', () => {
  test.each(['underscores', 'dots', 'values', 'allow-utf-8'])(
    'is accepted by our parser, with %s',
    async (escaping) => {
      const registry = everyType();
      new Counter({ name: 'work.done_seconds_total', help: 'W', unit: 'seconds', registers: [registry] }).inc();
      const text = (await registry.render(`text/plain;version=1.0.0;escaping=${escaping}`)).text;
      const openMetrics = (await registry.render(`${OPENMETRICS};escaping=${escaping}`)).text;
      expect(parseText(text)).toHaveLength(7);
      expect(parseOpenMetrics(openMetrics)).toHaveLength(7);
    },
  );
});

describe('a page of a registry', () => {
  test('has the prefix before every name, the label of a StateSet included', async () => {
    const registry = new Registry({ prefix: 'shop_', defaultLabels: { app: 'a', zone: 'z' } });
    new StateSet({ name: 'task', help: 'T', states: ['on', 'off'], registers: [registry] });
    new Info({ name: 'build', help: 'B', registers: [registry] }).info({ app: 'own' });
    const page = (await registry.render(OPENMETRICS)).text;
    expect(page).toContain('shop_task{app="a",zone="z",shop_task="on"} 1\n');
    expect(page).toContain('shop_build_info{app="own",zone="z"} 1\n');
    expect(parseOpenMetrics(page).map(({ name }) => name)).toEqual(['shop_task', 'shop_build']);
  });

  test('shows only the requested families, by name of family or sample', async () => {
    const registry = everyType();
    const shown = async (...names: string[]) =>
      [...(await registry.render({ names })).text.matchAll(/^# TYPE (\S+)/gm)].map(([, n]) => n);
    expect(await shown('job_seconds_count', 'build_info')).toEqual(['job_seconds', 'build_info']);
    expect(await shown('http_requests_total')).toEqual(['http_requests_total']);
    expect(await shown('http_requests')).toEqual(['http_requests_total']);
    expect(await shown('nothing')).toEqual([]);
    expect((await registry.render({ accept: OPENMETRICS, names: ['nothing'] })).text).toBe('# EOF\n');
  });
});

function everyType(): Registry {
  const registry = new Registry();
  const registers = [registry];
  const help = 'Requests, "all" of them\nand \\ more';
  const requests = new Counter({ name: 'http_requests_total', help, labelNames: ['method', 'path'], registers });
  requests.inc({ method: 'GET', path: '/' }, 2);
  requests.inc({ method: 'POST', path: undefined });
  new Gauge({ name: 'room_celsius', help: 'Temperature', unit: 'celsius', registers }).set(-3.5);
  const job = new Histogram({
    name: 'job_seconds',
    help: 'Job time',
    unit: 'seconds',
    buckets: [0.5, 1, 1e6],
    registers,
  });
  for (const value of [0.25, 0.75, 2e6]) job.observe(value);
  const rpc = new Summary({ name: 'rpc_seconds', help: 'RPC time', percentiles: [0.5, 1], registers });
  for (const value of [1, 2, 3]) rpc.observe(value);
  new Info({ name: 'build', help: 'Build', registers }).info({ version: '1.2.3' });
  new StateSet({ name: 'task', help: 'State', states: ['starting', 'running'], registers }).state('running');
  return registry;
}

function samplesOf(families: readonly FamilySnapshot[]): unknown {
  return families.flatMap(({ samples }) => samples);
}
