import { afterEach, describe, expect, test } from '@jest/globals';
import { Controller, Get, Inject, Injectable, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ConfigError, ConflictError, type Gauge, Registry } from 'promark';
import {
  defineCounter,
  defineGauge,
  defineHistogram,
  defineInfo,
  defineStateSet,
  defineSummary,
  InjectMetric,
  type MetricDefinition,
  type MetricOf,
  metricToken,
  PrometheusModule,
  provideMetric,
} from 'promark/nest';
import { closeApps, pageAt, startApp } from './running-app.js';

afterEach(closeApps);

const orders = defineCounter({ name: 'orders_total', help: 'Orders', labelNames: ['tier'] });
const open = defineGauge({ name: 'carts_open', help: 'Carts' });
const options = () => ({ registry: new Registry({ prefix: 'shop_' }), defaultMetrics: false });

@Controller()
class Till {
  constructor(
    @InjectMetric(orders) private readonly counter: MetricOf<typeof orders>,
    @InjectMetric('carts_open') private readonly open: Gauge,
  ) {}

  @Get('order')
  order(): string {
    this.counter.inc({ tier: 'gold' });
    this.open.set(2);
    return 'done';
  }
}

@Module({ imports: [PrometheusModule.forFeature([orders, open])], controllers: [Till] })
class TillModule {}

describe('forFeature', () => {
  test('creates metrics in the registry of the app, injected by definition or by name', async () => {
    const [one, two] = await Promise.all([
      startApp(options(), { imports: [TillModule] }),
      startApp(options(), { imports: [TillModule] }),
    ]);
    expect(await pageAt(one.url)).toContain('shop_carts_open 0\n');
    await fetch(`${one.url}/order`);
    expect(await pageAt(one.url)).toContain('shop_orders_total{tier="gold"} 1\n');
    expect(await pageAt(one.url)).toContain('shop_carts_open 2\n');
    expect(await pageAt(two.url)).not.toContain('gold');
  });

  test('creates metrics of every type', async () => {
    const defined: MetricDefinition[] = [
      defineHistogram({ name: 'job_seconds', help: 'Jobs', buckets: [1] }),
      defineSummary({ name: 'rpc_seconds', help: 'RPC', percentiles: [0.5] }),
      defineInfo({ name: 'build', help: 'Build' }),
      defineStateSet({ name: 'task', help: 'Task', states: ['starting', 'running'] }),
    ];
    const { app } = await startApp(options(), { imports: [PrometheusModule.forFeature(defined)] });
    const types = defined.map((one) => app.get<{ type: string }>(metricToken(one), { strict: false }).type);
    expect(types).toEqual(['histogram', 'summary', 'info', 'stateset']);
  });

  test('gives modules with equal definitions the same metric', async () => {
    const again = defineCounter({ name: 'orders_total', help: 'Orders', labelNames: ['tier'] });
    const { app } = await startApp(options(), { imports: [TillModule, PrometheusModule.forFeature([again])] });
    const get = (definition: MetricDefinition) => app.get<object>(metricToken(definition), { strict: false });
    expect(get(again)).toBe(get(orders));
  });

  test.each<[string, MetricDefinition, string]>([
    ['type', defineGauge({ name: 'orders_total', help: 'Orders', labelNames: ['tier'] }), 'gauge "orders_total"'],
    ['buckets', defineHistogram({ name: 'orders_total', help: 'Orders', buckets: [1] }), 'the buckets 1.0'],
    ['labels', defineCounter({ name: 'orders_total', help: 'Orders', labelNames: ['tier', 'shop'] }), 'shop'],
  ])('fails the start if modules differ on the %s of a metric, naming both', async (_, rival, words) => {
    @Module({ imports: [PrometheusModule.forFeature([rival])] })
    class RivalModule {}
    const start = startApp(options(), { imports: [TillModule, RivalModule] });
    await expect(start).rejects.toThrow(ConflictError);
    await expect(start).rejects.toThrow(words);
    await expect(start).rejects.toThrow('The name "orders_total" is defined for TillModule and RivalModule.');
  });

  test('refuses something that is not a definition, and duplicate definitions', () => {
    for (const wrong of [undefined, {}, [{ name: 'orders_total' }], ['orders_total']]) {
      expect(() => PrometheusModule.forFeature(wrong as never)).toThrow(ConfigError);
    }
    expect(() => PrometheusModule.forFeature([orders, orders])).toThrow('two definitions of "orders_total"');
    expect(() => defineCounter({ name: '', help: 'Nothing' })).toThrow(ConfigError);
  });
});

describe('provideMetric', () => {
  @Injectable()
  class Queue {
    length = 0;
  }
  const queueLength = defineGauge({ name: 'queue_length', help: 'Parcels that wait' });

  @Injectable()
  class Clerk {
    constructor(
      @InjectMetric(queueLength) readonly gauge: MetricOf<typeof queueLength>,
      @Inject(Queue) readonly queue: Queue,
    ) {}
  }

  const update = { inject: [Queue] as const, collect: (gauge: Gauge, queue: Queue) => gauge.set(queue.length) };
  const providers = [Queue, Clerk, ...provideMetric(queueLength, update)];

  test('reads services of the app before every page, even of a new app on the same registry', async () => {
    const registry = new Registry();
    for (const length of [7, 9]) {
      const { app, url } = await startApp({ registry, defaultMetrics: false }, { providers });
      app.get(Queue).length = length;
      expect(await pageAt(url)).toContain(`queue_length ${length}\n`);
      expect(app.get(Clerk).gauge).toBe(registry.getSingleMetric('queue_length'));
      await closeApps();
      // The services are gone with their app.
      app.get(Queue).length = 100;
      expect(await registry.metrics()).toContain(`queue_length ${length}\n`);
    }
  });

  test('refuses unusable arguments', () => {
    expect(() => provideMetric(queueLength, {} as never)).toThrow(ConfigError);
    expect(() => provideMetric('queue_length' as never, update)).toThrow(ConfigError);
    // As when two files import each other.
    expect(() => InjectMetric(undefined as never)).toThrow(ConfigError);
    expect(() => InjectMetric(undefined as never)).toThrow(
      'by its definition or its name, got undefined. If two files',
    );
  });
});

describe('metrics without a root module', () => {
  const lone = defineGauge({ name: 'lone', help: 'Alone' });
  const feature = PrometheusModule.forFeature([lone]);

  test.each<[string, ModuleMetadata]>([
    ['of a forFeature', { imports: [feature] }],
    ['of a provideMetric', { providers: provideMetric(lone, { inject: [], collect: () => {} }) }],
    ['of a root that is not global', { imports: [PrometheusModule.forRoot({ ...options(), global: false }), feature] }],
  ])('are refused, with advice on what to import: %s', async (_, metadata) => {
    const compiled = Test.createTestingModule(metadata).compile();
    await expect(compiled).rejects.toThrow(ConfigError);
    await expect(compiled).rejects.toThrow(
      'There is no registry for the metric "lone". Import PrometheusModule.forRoot() in the app\'s root module',
    );
  });
});

test('two roots in one app are refused, naming the modules that import them', async () => {
  @Module({ imports: [PrometheusModule.forRoot({ registry: new Registry(), path: '/other' })] })
  class BillingModule {}
  const start = startApp({ registry: new Registry() }, { imports: [BillingModule as Type<object>] });
  await expect(start).rejects.toThrow(
    'PrometheusModule.forRoot is imported 2 times in one app, by AppModule and BillingModule. Import it once',
  );
});
