import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, Info, Registry, StateSet, Summary } from 'promark';
import { describeWith } from '../support/required-programs.js';
import { type AcceptProxy, acceptProxy } from './accept-proxy.js';
import { type Prometheus, startPrometheus } from './prometheus.js';
import { type ServedPage, servePage } from './serve-page.js';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';
const TEXT = 'text/plain;version=0.0.4';

/** What each job requests; `direct` leaves that to Prometheus itself. */
const accepts = {
  text: TEXT,
  'text-values': `${TEXT};escaping=values`,
  'text-dots': `${TEXT};escaping=dots`,
  'openmetrics-values': `${OPENMETRICS};escaping=values`,
  'openmetrics-dots': `${OPENMETRICS};escaping=dots`,
};
const jobs = ['direct', ...Object.keys(accepts)];

function everyType(): Registry {
  const registry = new Registry();
  const registers = [registry];
  const orders = new Counter({
    name: 'orders_total',
    help: 'Orders, "quoted", back\\slashed\nand broken',
    labelNames: ['tier'],
    registers,
    enableExemplars: true,
  });
  orders.inc({ labels: { tier: 'gold' }, value: 3, exemplarLabels: { trace_id: 'abc' } });
  orders.inc({ tier: 'line\nbreak, "quote", back\\slash, ünïcödé' }, 2);
  new Gauge({ name: 'temperature_celsius', help: 'Temperature', unit: 'celsius', registers }).set(-3.5);
  new Gauge({ name: 'not_a_number', help: 'NaN', registers }).set(Number.NaN);
  new Gauge({ name: 'endless', help: 'Infinity', registers }).set(-Infinity);
  const seconds = new Histogram({
    name: 'job_seconds',
    help: 'Job time',
    buckets: [0.1, 1, 1e6],
    registers,
    enableExemplars: true,
  });
  seconds.observe({ value: 0.5, exemplarLabels: { trace_id: 'def', span_id: '1' } });
  seconds.observe(3);
  const rpc = new Summary({ name: 'rpc_seconds', help: 'RPC time', percentiles: [0.5], registers });
  rpc.observe(0.25);
  new Info({ name: 'build', help: 'Build', registers }).info({ version: '1.2.3', 'vcs.branch': 'main' });
  new StateSet({ name: 'task', help: 'Task', states: ['starting', 'running'], registers }).state('running');
  const parcels = new Counter({ name: 'shop.parcels_total', help: 'Parcels', labelNames: ['to.country'], registers });
  parcels.inc({ 'to.country': 'NO' }, 4);
  return registry;
}

describeWith(['prometheus'], 'Prometheus stores from our pages', () => {
  let page: ServedPage;
  let proxies: AcceptProxy[] = [];
  let prometheus: Prometheus;

  beforeAll(async () => {
    page = await servePage(everyType());
    proxies = await Promise.all(Object.values(accepts).map((accept) => acceptProxy(page.url, accept)));
    const urls = [page.url, ...proxies.map(({ url }) => url)];
    prometheus = await startPrometheus(Object.fromEntries(jobs.map((job, i) => [job, urls[i] ?? ''])));
    await Promise.all(jobs.map((job) => prometheus.api.untilScraped(job)));
  });

  afterAll(async () => {
    await prometheus?.stop();
    await Promise.all([page, ...proxies].map((server) => server?.close()));
  });

  const value = (promql: string) => prometheus.api.value(promql);
  // With dots, legal names are escaped as well; suffixes come after that.
  const named = (family: string, job: string) => (job.endsWith('-dots') ? family.replaceAll('_', '__') : family);

  describe.each(jobs)('in the job %s', (job) => {
    const sample = (family: string, labels = '', suffix = '') =>
      value(`${named(family, job)}${suffix}{job="${job}"${labels}}`);

    test('counters, with any label values', async () => {
      expect(await sample('orders_total', ',tier="gold"')).toBe(3);
      expect(await sample('orders_total', ',tier="line\\nbreak, \\"quote\\", back\\\\slash, ünïcödé"')).toBe(2);
    });

    test('gauges, with NaN and infinities', async () => {
      expect(await sample('temperature_celsius')).toBe(-3.5);
      expect(await sample('not_a_number')).toBeNaN();
      expect(await sample('endless')).toBe(-Infinity);
    });

    test('histograms, under the same le in every format', async () => {
      const buckets = await prometheus.api.query(`${named('job_seconds', job)}_bucket{job="${job}"}`);
      expect(Object.fromEntries(buckets.map(({ labels, value }) => [labels.le, value]))).toEqual({
        0.1: 0,
        '1.0': 1,
        '1e+06': 2,
        '+Inf': 2,
      });
      expect(await sample('job_seconds', '', '_sum')).toBe(3.5);
      expect(await sample('job_seconds', '', '_count')).toBe(2);
    });

    test('summaries', async () => {
      expect(await sample('rpc_seconds', ',quantile="0.5"')).toBe(0.25);
      expect(await sample('rpc_seconds', '', '_count')).toBe(1);
    });

    test('Info and StateSet', async () => {
      expect(await sample('build', ',version="1.2.3"', '_info')).toBe(1);
      expect(await sample('task', ',task="running"')).toBe(1);
      expect(await sample('task', ',task="starting"')).toBe(0);
    });
  });

  test('names with other than ASCII letters, escaped as the scraper asks', async () => {
    expect(await value('shop_parcels_total{job="direct",to_country="NO"}')).toBe(4);
    expect(await value('shop_parcels_total{job="text",to_country="NO"}')).toBe(4);
    for (const format of ['text', 'openmetrics']) {
      expect(await value(`U__shop_2e_parcels__total{job="${format}-values",U__to_2e_country="NO"}`)).toBe(4);
      expect(await value(`shop_dot_parcels__total{job="${format}-dots",to_dot_country="NO"}`)).toBe(4);
    }
  });

  test('types, help and units', async () => {
    const text = await prometheus.api.metadata('text');
    const openMetrics = await prometheus.api.metadata('direct');
    const help = 'Orders, "quoted", back\\slashed\nand broken';
    expect(text.get('orders_total')).toEqual({ type: 'counter', help, unit: '' });
    expect(openMetrics.get('orders')).toEqual({ type: 'counter', help, unit: '' });
    expect(openMetrics.get('temperature_celsius')).toEqual({ type: 'gauge', help: 'Temperature', unit: 'celsius' });
    expect([openMetrics.get('build')?.type, openMetrics.get('task')?.type]).toEqual(['info', 'stateset']);
    expect([text.get('build_info')?.type, text.get('task')?.type]).toEqual(['gauge', 'gauge']);
  });

  test('exemplars of counters and buckets, from OpenMetrics', async () => {
    const exemplarsOf = async (promql: string) =>
      (await prometheus.api.exemplars(promql)).flatMap(({ seriesLabels, exemplars }) =>
        exemplars.map(({ labels, value }) => ({ le: seriesLabels.le, labels, value: Number(value) })),
      );
    expect(await exemplarsOf('orders_total{job="direct"}')).toEqual([
      { le: undefined, labels: { trace_id: 'abc' }, value: 3 },
    ]);
    expect(await exemplarsOf('job_seconds_bucket{job="direct"}')).toEqual([
      { le: '1.0', labels: { trace_id: 'def', span_id: '1' }, value: 0.5 },
    ]);
    expect(await exemplarsOf('orders_total{job="text"}')).toEqual([]);
  });
});
