import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Controller, Get, Injectable, Module, Res } from '@nestjs/common';
import { type Counter, type OpenMetricsContentType, Pushgateway, register } from 'promark';
import {
  getToken,
  InjectMetric,
  type MetricProviderInjectable,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
  makeSummaryProvider,
  type PrometheusAsyncOptions,
  PrometheusController,
  PrometheusModule,
  type PrometheusOptions,
  type PrometheusOptionsFactory,
  type PrometheusOptionsWithDefaults,
  type PrometheusUseFactoryOptions,
  provideMetric,
} from 'promark/nest';
import { adapters, closeApps, pageAt, startWith } from './running-app.js';

// The programs of the README of @willsoto/nestjs-prometheus, with the name of the package replaced.

beforeEach(() => register.clear());
afterEach(closeApps);

const wrong = (value: unknown) => value as never;
const none = { defaultMetrics: { enabled: false } };

describe.each(adapters)('an app written for @willsoto/nestjs-prometheus, on %s', (_, adapter) => {
  test('has default metrics at /metrics, in text 0.0.4', async () => {
    const { url } = await startWith([PrometheusModule.register()], { adapter: adapter() });
    const response = await fetch(`${url}/metrics`);
    // Some versions of Express sort the parameters.
    expect(response.headers.get('content-type')?.split('; ').sort()).toEqual([
      'charset=utf-8',
      'text/plain',
      'version=0.0.4',
    ]);
    expect(await response.text()).toContain('\nprocess_cpu_seconds_total ');
  });

  test('counts on an injected metric, which it names with a prefix', async () => {
    @Injectable()
    class Service {
      constructor(@InjectMetric('metric_name') readonly counter: Counter<string>) {}
    }
    const options = { ...none, path: '/mymetrics', defaultLabels: { app: 'My app' }, customMetricPrefix: 'app' };
    const { app, url } = await startWith([PrometheusModule.register(options)], {
      adapter: adapter(),
      providers: [Service, makeCounterProvider({ name: 'metric_name', help: 'metric_help' })],
    });
    app.get(Service).counter.inc(2);
    expect(app.get(getToken('metric_name'))).toBe(app.get(Service).counter);
    expect(await pageAt(url, '/mymetrics')).toBe(
      '# HELP app_metric_name metric_help\n# TYPE app_metric_name counter\napp_metric_name{app="My app"} 2\n',
    );
  });

  test('answers by a controller of its own', async () => {
    @Controller()
    class MyCustomController extends PrometheusController {
      @Get()
      override async index(@Res({ passthrough: true }) response: unknown) {
        return `${await super.index(response)}# seen\n`;
      }
    }
    const { url } = await startWith([PrometheusModule.register({ ...none, controller: MyCustomController })], {
      adapter: adapter(),
      providers: [makeCounterProvider({ name: 'metric_name', help: 'metric_help' })],
    });
    expect(await pageAt(url)).toBe(
      '# HELP metric_name metric_help\n# TYPE metric_name counter\nmetric_name 0\n# seen\n',
    );
  });
});

test('the endpoint is under the global prefix', async () => {
  const before = (app: { setGlobalPrefix(prefix: string): unknown }) => app.setGlobalPrefix('api');
  const { url } = await startWith([PrometheusModule.register(none)], { before });
  expect((await fetch(`${url}/api/metrics`)).status).toBe(200);
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
});

test('collect gets injected services, for every type of metric', async () => {
  @Injectable()
  class Queue {
    readonly length = 3;
  }
  const config = { help: 'Help', inject: [Queue] };
  const { url } = await startWith([PrometheusModule.register(none)], {
    providers: [
      Queue,
      makeGaugeProvider({
        ...config,
        name: 'queue_size',
        async collect(queue: Queue) {
          this.set(queue.length);
        },
      }),
      makeCounterProvider({
        ...config,
        name: 'reads_total',
        collect(queue: Queue) {
          this.inc(queue.length);
        },
      }),
      makeHistogramProvider({
        ...config,
        name: 'sizes',
        buckets: [5],
        collect(queue: Queue) {
          this.observe(queue.length);
        },
      }),
      makeSummaryProvider({
        ...config,
        name: 'lengths',
        percentiles: [0.5],
        collect(queue: Queue) {
          this.observe(queue.length);
        },
      }),
    ],
  });
  const page = await pageAt(url);
  expect(page).toContain('\nqueue_size 3\n');
  expect(page).toContain('\nreads_total 3\n');
  expect(page).toContain('\nsizes_sum 3\n');
  expect(page).toContain('\nlengths{quantile="0.5"} 3\n');
});

test('a module that does not import the module has metrics without its prefix, unless it is global', async () => {
  const providers = [makeCounterProvider({ name: 'orders_total', help: 'Orders' })];
  @Module({ providers })
  class OrdersModule {}
  for (const [global, name] of [
    [false, 'orders_total'],
    [true, 'shop_orders_total'],
  ] as const) {
    register.clear();
    const options = { ...none, customMetricPrefix: 'shop', global };
    const { url } = await startWith([PrometheusModule.register(options)], { imports: [OrdersModule] });
    expect(await pageAt(url)).toContain(`\n${name} 0\n`);
  }
});

describe('a Pushgateway is injected', () => {
  const pushgateway = { url: 'http://127.0.0.1:9091', options: { timeout: 5000 } };

  test('where register has one', async () => {
    @Injectable()
    class Service {
      constructor(readonly gateway: Pushgateway) {}
    }
    const { app } = await startWith([PrometheusModule.register({ ...none, pushgateway })], { providers: [Service] });
    expect(app.get(Service).gateway).toBeInstanceOf(Pushgateway);
  });

  test('where the factory of registerAsync has one', async () => {
    const { app } = await startWith([PrometheusModule.registerAsync({ useFactory: () => ({ ...none, pushgateway }) })]);
    expect(app.get(Pushgateway)).toBeInstanceOf(Pushgateway);
  });
});

test.each<[string, () => unknown, string]>([
  ['register', () => PrometheusModule.register(wrong(null)), 'PrometheusModule: options must be an object, got null.'],
  ['register', () => PrometheusModule.register(wrong(5)), 'PrometheusModule: options must be an object, got 5.'],
  [
    'registerAsync',
    () => PrometheusModule.registerAsync(wrong(undefined)),
    'options must be an object, got undefined.',
  ],
  [
    'registerAsync',
    () => PrometheusModule.registerAsync({ useFactory: wrong(5) }),
    'PrometheusModule.registerAsync: option useFactory must be a function that returns options, got 5.',
  ],
  ['registerAsync', () => PrometheusModule.registerAsync(wrong({ useFactry: 5 })), 'did you mean "useFactory"?'],
  ['makeCounterProvider', () => makeCounterProvider(wrong(undefined)), 'Metric name must be a string, got undefined.'],
  ['makeGaugeProvider', () => makeGaugeProvider(wrong({ name: 5 })), 'Metric name must be a string, got 5.'],
  ['provideMetric', () => provideMetric(wrong(5), wrong(undefined)), 'provideMetric takes a definition and { inject'],
])('%s refuses an argument of a wrong type', (_, call, message) => {
  expect(call).toThrow(message);
});

describe('registerAsync', () => {
  @Injectable()
  class Settings implements PrometheusOptionsFactory {
    createPrometheusOptions(): PrometheusOptions {
      return { ...none, path: '/prom', customMetricPrefix: 'shop' };
    }
  }
  @Module({ providers: [Settings], exports: [Settings] })
  class SettingsModule {}

  test.each([
    [
      'useFactory',
      { imports: [SettingsModule], inject: [Settings], useFactory: (it: Settings) => it.createPrometheusOptions() },
    ],
    ['useClass', { useClass: Settings }],
    ['useExisting', { imports: [SettingsModule], useExisting: Settings }],
  ])('takes its options from %s', async (_, options) => {
    const { url } = await startWith([PrometheusModule.registerAsync(options)], {
      providers: [makeCounterProvider({ name: 'orders_total', help: 'Orders' })],
    });
    expect(await pageAt(url, '/prom')).toContain('\nshop_orders_total 0\n');
  });
});

test('requests are measured when the option of forRoot asks for it', async () => {
  const { url } = await startWith([PrometheusModule.register({ ...none, http: true })]);
  await pageAt(url, '/nothing');
  expect(await pageAt(url)).toContain('http_request_duration_seconds_count');
});

test('an unknown option is refused', () => {
  expect(() => PrometheusModule.register({ pth: '/m' } as PrometheusOptions)).toThrow('did you mean "path"');
});

test('options and providers have the types of the other package', async () => {
  const options: PrometheusOptions<OpenMetricsContentType> = none;
  const whole: PrometheusOptionsWithDefaults = {
    ...none,
    global: false,
    controller: PrometheusController,
    path: '/typed',
    defaultLabels: {},
  };
  const made: PrometheusUseFactoryOptions = { ...options, path: whole.path };
  const config: PrometheusAsyncOptions<OpenMetricsContentType> = { useFactory: () => made };
  const filled: MetricProviderInjectable<Counter<string>> = {
    collect() {
      this.inc(3);
    },
  };
  const { url } = await startWith([PrometheusModule.registerAsync(config)], {
    providers: [makeCounterProvider({ name: 'typed_total', help: 'T', ...filled })],
  });
  expect(await pageAt(url, '/typed')).toContain('typed_total 3\n');
});
