import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  Counter,
  counterFamily,
  Gauge,
  type Groupings,
  Histogram,
  Info,
  PushError,
  Pushgateway,
  Registry,
  StateSet,
  Summary,
} from 'promark';
import { runs } from '../support/property-runs.js';
import { describeWith } from '../support/required-programs.js';
import { until } from '../support/until.js';
import { type Prometheus, startPrometheus } from './prometheus.js';
import { type Group, type RealGateway, startPushgateway } from './pushgateway.js';

describeWith(['prometheus-pushgateway'], 'a real Pushgateway', () => {
  let real: RealGateway;
  let registry: Registry;

  beforeAll(async () => {
    real = await startPushgateway();
  });

  afterAll(() => real?.stop());

  beforeEach(() => {
    registry = new Registry();
  });

  afterEach(async () => {
    const gateway = new Pushgateway(real.url);
    for (const { labels } of await real.groups()) {
      const { job: jobName, ...groupings } = labels;
      await gateway.delete({ jobName, groupings });
    }
    await untilGone();
  });

  /** The gateway answers a delete before it carries it out. */
  async function untilGone(gone: (group: Group) => boolean = () => true): Promise<void> {
    const left = async () => (await real.groups()).filter(gone).map(({ labels }) => labels);
    await until(
      'groups to be deleted',
      async () => ((await left()).length === 0 ? true : undefined),
      async () => JSON.stringify(await left()),
    );
  }

  function counter(name: string, value: number): void {
    new Counter({ name, help: name, registers: [registry] }).inc(value);
  }

  /** The values of a group's families that have one series each. */
  async function valuesOf(labels: Group['labels']): Promise<Record<string, string | undefined> | undefined> {
    const key = canonical(labels);
    const group = (await real.groups()).find((one) => canonical(one.labels) === key);
    if (group === undefined) return undefined;
    return Object.fromEntries(Object.entries(group.families).map(([name, { metrics }]) => [name, metrics[0].value]));
  }

  describe('accepts groups whose labels are', () => {
    const hostile = fc.constantFrom(
      ...[
        '',
        '/',
        '//',
        '.',
        '..',
        '../..',
        'a/b',
        '%2F',
        '%',
        '+',
        ' ',
        '?',
        '#',
        '&',
        ';',
        '@base64',
        '=',
        '\\',
        '\0',
      ],
      ...[
        '\n',
        '\r\n',
        '"',
        "'",
        '`',
        '{}',
        '<b>',
        '\u007f',
        '\u202e',
        '\ufeff',
        'ünï',
        '日本',
        '👩‍👩‍👧',
        '~',
        '!*()',
        '-_',
        ':',
      ],
    );
    const text = fc.oneof(
      hostile,
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.array(hostile, { maxLength: 5 }).map((parts) => parts.join('')),
    );
    const label = fc
      .stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,9}$/)
      .filter((name) => name !== 'job' && !name.startsWith('__'));
    const groupings = fc.dictionary(label, text, { maxKeys: 4, noNullPrototype: true });
    const jobName = text.filter((job) => job !== '');

    test('any strings, and returns them', async () => {
      await fc.assert(
        fc.asyncProperty(jobName, groupings, fc.boolean(), async (job, given, gzip) => {
          const own = new Registry();
          new Gauge({ name: 'here', help: 'Here', registers: [own] }).set(1);
          const gateway = new Pushgateway(real.url, { gzip }, own);
          const group = { jobName: job, groupings: given };
          await gateway.push(group);
          expect(await valuesOf({ job, ...given })).toEqual({ here: '1' });
          await gateway.delete(group);
          await untilGone();
        }),
        { numRuns: runs(50) },
      );
    });

    test.each<[string, Groupings, Group['labels']]>([
      ['numbers and booleans', { shard: 7, dry: true }, { shard: '7', dry: 'true' }],
      ['undefined and null', { shard: undefined, dry: null }, {}],
      ['half a surrogate pair', { shard: 'a\ud800b' }, { shard: 'a\ufffdb' }],
    ])('%s', async (_what, given, shown) => {
      counter('jobs_total', 1);
      await new Pushgateway(real.url, registry).push({ jobName: 'nightly', groupings: given });
      expect(await valuesOf({ job: 'nightly', ...shown })).toEqual({ jobs_total: '1' });
    });
  });

  describe('keeps in a group', () => {
    const group = { jobName: 'nightly', groupings: { instance: 'eu/1' } };
    const labels = { job: 'nightly', instance: 'eu/1' };
    let gateway: Pushgateway;

    beforeEach(async () => {
      gateway = new Pushgateway(real.url, registry);
      counter('first_total', 1);
      counter('second_total', 2);
      await gateway.push(group);
      registry.clear();
      counter('second_total', 20);
      counter('third_total', 30);
    });

    test('what was pushed last', async () => {
      await gateway.push(group);
      expect(await valuesOf(labels)).toEqual({ second_total: '20', third_total: '30' });
    });

    test('what was added, and families that were not in the push', async () => {
      await gateway.pushAdd(group);
      expect(await valuesOf(labels)).toEqual({ first_total: '1', second_total: '20', third_total: '30' });
    });

    test('nothing after it is deleted, but keeps other groups', async () => {
      await gateway.push({ jobName: 'nightly' });
      const { resp, body } = await gateway.delete(group);
      expect([resp.statusCode, body]).toEqual([202, '']);
      await untilGone(({ labels: { instance } }) => instance !== undefined);
      expect((await real.groups()).map((one) => one.labels)).toEqual([{ job: 'nightly' }]);
      await gateway.delete(group);
    });
  });

  test.each(['text', 'protobuf'] as const)('accepts every type in %s', async (format) => {
    const registers = [registry];
    counter('jobs_total', 3);
    new Gauge({ name: 'temperature_celsius', help: 'T', unit: 'celsius', registers }).set(-Infinity);
    new Histogram({ name: 'job_seconds', help: 'H', buckets: [1], registers }).observe(0.5);
    new Summary({ name: 'rpc_seconds', help: 'S', percentiles: [0.5], registers }).observe(0.25);
    new Info({ name: 'build', help: 'B', registers }).info({ version: '1.2.3', 'vcs.branch': 'main' });
    new StateSet({ name: 'task', help: 'T', states: ['a', 'b'], registers });
    new Gauge({ name: 'shop.parcels', help: 'Parcels', labelNames: ['to.country'], registers }).set(
      { 'to.country': 'line\nbreak "quote" back\\slash' },
      1,
    );
    const old = counterFamily('old_total', 'Old', [{ value: 3, timestamp: 1_600_000_000_000 }]);
    registry.registerCollector({ name: 'old', collect: () => [old] });
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    await new Pushgateway(real.url, { gzip: true, format }, registry).push({ jobName: 'types' });
    const [{ families }] = await real.groups();
    expect(Object.fromEntries(Object.entries(families).map(([name, { type }]) => [name, type]))).toEqual({
      jobs_total: 'COUNTER',
      temperature_celsius: 'GAUGE',
      job_seconds: 'HISTOGRAM',
      rpc_seconds: 'SUMMARY',
      build_info: 'GAUGE',
      task: 'GAUGE',
      shop_parcels: 'GAUGE',
      old_total: 'COUNTER',
    });
    expect(families.shop_parcels.metrics[0].labels.to_country).toBe('line\nbreak "quote" back\\slash');
  });

  test('refuses what clashes with another group, and its answer is quoted', async () => {
    counter('clash', 1);
    await new Pushgateway(real.url, registry).push({ jobName: 'a' });
    registry.clear();
    new Histogram({ name: 'clash', help: 'H', registers: [registry] });
    const push = new Pushgateway(real.url, registry).push({ jobName: 'b' });
    const error = await push.catch((reason) => reason);
    expect(error).toBeInstanceOf(PushError);
    expect(error.status).toBe(400);
    expect(error.message).toMatch(
      /job\/b: push failed with status 400, pushed metrics are invalid or inconsistent.*clash/s,
    );
  });
});

describeWith(['prometheus', 'prometheus-pushgateway'], 'Prometheus scrapes what was pushed', () => {
  let real: RealGateway;
  let prometheus: Prometheus;

  beforeAll(async () => {
    real = await startPushgateway();
    prometheus = await startPrometheus({ gateway: `${real.url}/metrics` }, ['native-histograms']);
  });

  afterAll(async () => {
    await prometheus?.stop();
    await real?.stop();
  });

  test('including native histograms pushed in protobuf', async () => {
    const registry = new Registry();
    const fine = new Histogram({ name: 'fine_seconds', help: 'Fine', native: true, registers: [registry] });
    for (const value of [0.5, 1, 2]) fine.observe(value);
    await new Pushgateway(real.url, { format: 'protobuf', gzip: true }, registry).push({ jobName: 'native' });
    const series = 'fine_seconds{exported_job="native"}';
    expect(await prometheus.api.untilValue(`histogram_count(${series})`)).toBe(3);
    expect(await prometheus.api.value(`histogram_sum(${series})`)).toBe(3.5);
  });

  test('and forgets what was deleted', async () => {
    const registry = new Registry();
    new Counter({ name: 'rows_total', help: 'Rows', registers: [registry] }).inc(7);
    const gateway = new Pushgateway(real.url, { gzip: true }, registry);
    const group = { jobName: 'import', groupings: { path: '/var/data' } };
    await gateway.push(group);
    // Prometheus sets job and instance itself, and renames those of the group.
    const rows = 'rows_total{exported_job="import",path="/var/data"}';
    expect(await prometheus.api.untilValue(rows)).toBe(7);
    await gateway.delete(group);
    expect(await prometheus.api.untilValue(`absent(${rows})`)).toBe(1);
  });
});

function canonical(labels: Group['labels']): string {
  return JSON.stringify(Object.entries(labels).sort());
}
