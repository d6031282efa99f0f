import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Counted, InProgress, Registry, Timed } from 'promark';
import { defineCounter, InjectRegistry, metricToken, PROMETHEUS_REGISTRY, PrometheusModule } from 'promark/nest';

const orders = defineCounter({ name: 'orders_total', help: 'Orders' });

/** The module as a hot reload makes it: the same text, evaluated anew. */
function evaluate(registry?: Registry) {
  @Injectable()
  class Shop {
    constructor(@InjectRegistry() readonly registry: Registry) {}

    @Timed()
    @Counted({ name: 'sales_total', help: 'Sales', labels: { tier: (tier: string) => tier } })
    @InProgress()
    sell(tier: string): string {
      return tier;
    }
  }
  @Module({
    imports: [PrometheusModule.forRoot({ ...(registry && { registry }) }), PrometheusModule.forFeature([orders])],
    providers: [Shop],
  })
  class AppModule {}
  return { Shop, AppModule };
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('made again and again, the module complains of nothing', () => {
  test('with Test.createTestingModule, on the default registry, without closing', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const { Shop, AppModule } = evaluate();
    const apps = [];
    for (let round = 0; round < 3; round++) {
      const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
      apps.push(await testing.createNestApplication({ logger: false }).init());
      testing.get(Shop).sell('gold');
    }
    const { registry } = apps[2]?.get(Shop) ?? {};
    expect(await registry?.getSingleMetricAsString('sales_total')).toContain('sales_total{result="ok",tier="gold"} 3');
    await Promise.all(apps.map((app) => app.close()));
    expect(warn).not.toHaveBeenCalled();
  });

  test('with a hot reload, which evaluates the classes anew', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const registry = new Registry();
    for (let round = 1; round <= 2; round++) {
      const { Shop, AppModule } = evaluate(registry);
      const app = await (await Test.createTestingModule({ imports: [AppModule] }).compile()).init();
      app.get(Shop).sell('gold');
      expect(await registry.metrics()).toContain(`sales_total{result="ok",tier="gold"} ${round}\n`);
      await app.close();
    }
    expect(warn).not.toHaveBeenCalled();
  });
});

test('a testing module can put another registry and metric in place', async () => {
  const { Shop, AppModule } = evaluate(new Registry());
  const other = new Registry();
  const fake = { inc: jest.fn() };
  const testing = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(metricToken(orders))
    .useValue(fake)
    .overrideProvider(PROMETHEUS_REGISTRY)
    .useValue(other)
    .compile();
  expect(testing.get(metricToken(orders), { strict: false })).toBe(fake);
  expect(testing.get(Shop).registry).toBe(other);
  await testing.close();
});
