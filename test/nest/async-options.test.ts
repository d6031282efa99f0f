import { afterEach, describe, expect, test } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigError, Counter, Registry } from 'promark';
import { PrometheusModule, type PrometheusModuleSettings, type PrometheusOptionsFactory } from 'promark/nest';
import { adapters, closeApps, pageAt, startWith } from './running-app.js';

afterEach(closeApps);

@Injectable()
class Settings implements PrometheusOptionsFactory {
  readonly registry = shop();

  async createPrometheusOptions(): Promise<PrometheusModuleSettings> {
    return { registry: this.registry, path: '/from-class', defaultMetrics: false, prefix: 'shop_' };
  }
}

@Module({ providers: [Settings, { provide: 'path', useValue: '/from-factory' }], exports: [Settings, 'path'] })
class SettingsModule {}

function shop(): Registry {
  const registry = new Registry();
  new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc(3);
  return registry;
}

describe.each(adapters)('forRootAsync on %s takes options from', (_, adapterOf) => {
  test('a factory', async () => {
    const module = PrometheusModule.forRootAsync({
      imports: [SettingsModule],
      inject: ['path', { token: 'missing', optional: true }],
      useFactory: async (path: string, missing: unknown) => {
        expect(missing).toBeUndefined();
        return { registry: shop(), path, defaultLabels: { app: 'a' }, auth: () => true };
      },
    });
    const { url } = await startWith([module], { adapter: adapterOf(), before: (app) => app.setGlobalPrefix('api') });
    expect(await pageAt(url, '/from-factory')).toContain('orders_total{app="a"} 3\n');
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  test('a class', async () => {
    const { url } = await startWith([PrometheusModule.forRootAsync({ useClass: Settings })], { adapter: adapterOf() });
    expect(await pageAt(url, '/from-class')).toContain('shop_orders_total 3\n');
  });

  test('a provider', async () => {
    const module = PrometheusModule.forRootAsync({ imports: [SettingsModule], useExisting: Settings });
    const { url } = await startWith([module], { adapter: adapterOf() });
    expect(await pageAt(url, '/from-class')).toContain('shop_orders_total 3\n');
  });

  test('a factory that puts the endpoint outside, or has a server and no endpoint', async () => {
    const outside = PrometheusModule.forRootAsync({ useFactory: () => ({ registry: shop(), outside: true }) });
    expect(await pageAt((await startWith([outside], { adapter: adapterOf() })).url)).toContain('orders_total 3\n');
    const served = PrometheusModule.forRootAsync({
      useFactory: () => ({ registry: shop(), server: { port: 0, host: '127.0.0.1' } }),
    });
    expect((await fetch(`${(await startWith([served], { adapter: adapterOf() })).url}/metrics`)).status).toBe(404);
  });
});

test('two apps of one module each have the path from the factory', async () => {
  let made = 0;
  const module = PrometheusModule.forRootAsync({
    useFactory: () => ({ registry: new Registry(), path: `/metrics-${++made}`, defaultMetrics: false }),
  });
  const [one, two] = await Promise.all([startWith([module]), startWith([module])]);
  const status = async (url: string, path: string) => (await fetch(`${url}${path}`)).status;
  const own = await status(one.url, '/metrics-1');
  expect(await status(two.url, '/metrics-1')).not.toBe(own);
  expect(await status(one.url, '/metrics-2')).not.toBe(own);
  expect(await status(two.url, '/metrics-2')).toBe(own);
});

describe('forRootAsync refuses', () => {
  const useFactory = () => ({});

  test.each<[string, object, string]>([
    ['none of them', {}, 'takes one of useFactory, useClass, useExisting, got none'],
    ['two of them', { useFactory, useClass: Settings }, 'got useFactory and useClass'],
    [
      'an option that belongs to the factory',
      { useFactory, path: '/m' },
      'unknown option "path". Known options: useFactory,',
    ],
    [
      'a factory that is not a function',
      { useFactory: {} },
      'option useFactory must be a function that returns options',
    ],
  ])('%s', (_, options, message) => {
    expect(() => PrometheusModule.forRootAsync(options)).toThrow(ConfigError);
    expect(() => PrometheusModule.forRootAsync(options)).toThrow(message);
  });

  test.each<[string, object, string]>([
    ['an unknown option', { pth: '/m' }, 'unknown option "pth"'],
    [
      'an option that sets the shape of the module',
      { controller: false },
      'the option controller decides what the module consists of',
    ],
    [
      'an invalid value',
      { server: 'here' },
      'option server must be a port or an object such as { port: 9100 }, got "here"',
    ],
  ])('at the start of the app, %s from the factory', async (_, given, message) => {
    @Module({ imports: [PrometheusModule.forRootAsync({ useFactory: () => given })] })
    class AppModule {}
    const start = NestFactory.create(AppModule, { logger: false, abortOnError: false });
    await expect(start).rejects.toThrow(message);
  });
});
