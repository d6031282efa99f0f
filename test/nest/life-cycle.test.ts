import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Counted, InProgress, Registry, Timed } from 'promark';
import { defineCounter, InjectRegistry, metricToken, PROMETHEUS_REGISTRY, PrometheusModule } from 'promark/nest';
import { adapters } from './running-app.js';

const orders = defineCounter({ name: 'orders_total', help: 'Orders' });

/** The module as after a hot reload: the same code, evaluated again. */
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

describe('created again and again, the module logs no warnings', () => {
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

  test('with a hot reload, which evaluates the classes again', async () => {
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

  test.each(adapters)('twenty times in one process, and leaves nothing behind, on %s', async (_, adapterOf) => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    const registry = new Registry();
    const states = [];
    const timers = [];
    for (let round = 1; round <= 20; round++) {
      const { Shop, AppModule } = evaluate(registry);
      const app = await NestFactory.create(AppModule, adapterOf(), { logger: false });
      await app.listen(0, '127.0.0.1');
      const url = await app.getUrl();
      app.get(Shop).sell('gold');
      const page = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text();
      expect(page).toContain(`sales_total{result="ok",tier="gold"} ${round}\n`);
      await app.close();
      states.push({
        listeners: process.eventNames().map((name) => [name, process.listenerCount(name)]),
        servers: process.getActiveResourcesInfo().filter((name) => /server/i.test(name)),
        lines: (await registry.metrics()).split('\n').length,
      });
      timers.push(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length);
    }
    process.removeListener('warning', note);
    // The first rounds load what is loaded lazily.
    expect(states[19]).toEqual(states[2]);
    // The client and Jest have some; a leak of one per round would be 17.
    expect(Math.max(...timers) - (timers[2] ?? 0)).toBeLessThan(10);
    expect(warn).not.toHaveBeenCalled();
    expect(warnings).toEqual([]);
  });
});

test('a testing module can override the registry and metrics', async () => {
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
