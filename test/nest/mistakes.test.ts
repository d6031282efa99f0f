import { afterEach, describe, expect, test } from '@jest/globals';
import { All, Controller, Get, Injectable, Module, Version, VersioningType } from '@nestjs/common';
import { Counter, Registry } from 'promark';
import {
  defineCounter,
  InjectMetric,
  InjectRegistry,
  MetricsController,
  PrometheusModule,
  type PrometheusModuleOptions,
} from 'promark/nest';
import { adapters, closeApps, pageAt, startApp, startWith } from './running-app.js';

afterEach(closeApps);

const quiet = { defaultMetrics: false, http: false } as const;

function shop(): Registry {
  const registry = new Registry();
  new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc(3);
  return registry;
}

describe.each(adapters)('your own controller on %s', (_, adapterOf) => {
  const startShop = (options: PrometheusModuleOptions) =>
    startApp({ registry: shop(), ...quiet, ...options }, { adapter: adapterOf() });

  test('answers when it overrides scrape without repeating @Get()', async () => {
    class Counting extends MetricsController {
      static scrapes = 0;
      override async scrape(...args: Parameters<MetricsController['scrape']>): Promise<void> {
        Counting.scrapes += 1;
        await super.scrape(...args);
      }
    }
    const { url } = await startShop({ controller: Counting });
    expect(await pageAt(url)).toContain('orders_total 3');
    expect(Counting.scrapes).toBe(1);
  });

  test('answers at the path of its @Controller', async () => {
    @Controller('internal/metrics')
    class Inside extends MetricsController {
      override async scrape(...args: Parameters<MetricsController['scrape']>): Promise<void> {
        await super.scrape(...args);
      }
    }
    const { url } = await startShop({ controller: Inside, http: true });
    expect(await pageAt(url, '/internal/metrics')).toContain('orders_total 3');
  });
});

test('refuses a controller without a route', () => {
  class Nothing {}
  expect(() => PrometheusModule.forRoot({ controller: Nothing })).toThrow(
    'the controller Nothing has no route. Let it extend MetricsController, or give it a method with @Get()',
  );
});

describe('a mistake in place of forRoot', () => {
  test('a plain import is refused with advice', async () => {
    await expect(startWith([PrometheusModule])).rejects.toThrow('Write `imports: [PrometheusModule.forRoot()]`');
  });

  test('a plain import is also refused in another module than forRoot', async () => {
    @Module({ imports: [PrometheusModule] })
    class Orders {}
    await expect(startWith([PrometheusModule.forRoot(quiet), Orders])).rejects.toThrow(
      'other modules need not import it, or import PrometheusModule.forFeature',
    );
  });

  test('registerAsync without a factory says what it takes', () => {
    expect(() => PrometheusModule.registerAsync({})).toThrow('one of useFactory, useClass and useExisting');
  });
});

describe('a missing provider', () => {
  const refunds = defineCounter({ name: 'refunds_total', help: 'Refunds' });

  test.each([
    ['a definition', refunds],
    ['a name', 'refunds_total'],
  ])('for @InjectMetric of %s: the error names forFeature', async (_, metric) => {
    @Injectable()
    class Till {
      constructor(@InjectMetric(metric) readonly counter: Counter) {}
    }
    await expect(startWith([PrometheusModule.forRoot(quiet)], { providers: [Till] })).rejects.toThrow(
      'metric "refunds_total": import PrometheusModule.forFeature([…]) with its definition in this module',
    );
  });

  test('for @InjectRegistry: the error names forRoot', async () => {
    @Injectable()
    class Till {
      constructor(@InjectRegistry() readonly registry: Registry) {}
    }
    await expect(startWith([], { providers: [Till] })).rejects.toThrow(
      'registry of promark: import PrometheusModule.forRoot() in the root module',
    );
  });

  test('for the controller of the endpoint: the error names forRoot', async () => {
    @Controller('metrics')
    class Metrics extends MetricsController {}
    await expect(startWith([], { controllers: [Metrics] })).rejects.toThrow('import PrometheusModule.forRoot()');
  });
});

describe("a route of the app's own at the endpoint's path", () => {
  @Controller()
  class Pages {
    @Get('metrics')
    metrics() {
      return 'mine';
    }
  }

  test.each(adapters)('is refused on %s, because only one of the two would be reached', async (_, adapterOf) => {
    await expect(startApp(quiet, { controllers: [Pages], adapter: adapterOf() })).rejects.toThrow(
      'GET /metrics is a route of Pages.metrics too',
    );
  });

  test('is refused under the global prefix as well', async () => {
    const parts = {
      controllers: [Pages],
      before: (app: { setGlobalPrefix(to: string): unknown }) => app.setGlobalPrefix('api'),
    };
    await expect(startApp({ ...quiet, underGlobalPrefix: true }, parts)).rejects.toThrow('is a route of Pages.metrics');
  });

  test('is accepted if it has its own version', async () => {
    @Controller()
    class Versioned {
      @Version('2')
      @Get('metrics')
      metrics() {
        return 'second';
      }
    }
    const { url } = await startApp(
      { registry: shop(), ...quiet },
      { controllers: [Versioned], before: (app) => app.enableVersioning({ type: VersioningType.URI }) },
    );
    expect(await pageAt(url)).toContain('orders_total 3');
    expect(await pageAt(url, '/v2/metrics')).toBe('second');
  });

  test('is accepted if there is no endpoint', async () => {
    const { url } = await startApp({ ...quiet, controller: false }, { controllers: [Pages] });
    expect(await pageAt(url)).toBe('mine');
  });

  test.each(['*rest', '/{*rest}'])('is refused if it is the catch-all %s, which comes first', async (path) => {
    @Controller()
    class Spa {
      @All(path)
      page() {
        return 'page';
      }
    }
    await expect(startApp(quiet, { controllers: [Spa] })).rejects.toThrow('Spa.page answers every path');
    const { url } = await startApp({ registry: shop(), ...quiet, outside: true }, { controllers: [Spa] });
    expect(await pageAt(url)).toContain('orders_total 3');
    expect(await pageAt(url, '/else')).toBe('page');
  });
});
