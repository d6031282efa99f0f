import { expect, test } from '@jest/globals';
import { ConfigError, Counted, Gauge, Histogram, Registry, register, Summary, Timed } from 'promark';
import { freshRegistry } from './support/fresh.js';

freshRegistry();

test('the manifest lists families with their methods and objectives', () => {
  new Gauge({ name: 'users', help: 'Users' });
  class Shop {
    @Timed({
      name: 'order_seconds',
      help: 'Order time',
      unit: 'seconds',
      buckets: [0.1, 0.3, 1],
      objective: { latency: 0.3, target: 0.99 },
    })
    @Counted({ objective: { target: 0.999 } })
    order(): void {}

    @Timed({ name: 'order_seconds', help: 'Order time', unit: 'seconds', buckets: [0.1, 0.3, 1] })
    cancel(): void {}
  }
  new Shop();
  expect(register.manifest()).toEqual([
    { name: 'users', type: 'gauge', help: 'Users', unit: '', labels: [], methods: [], objectives: [] },
    {
      name: 'method_calls_total',
      type: 'counter',
      help: 'Method calls',
      unit: '',
      labels: ['class', 'method', 'result', 'exception'],
      methods: [{ decorator: 'Counted', class: 'Shop', method: 'order' }],
      objectives: [{ class: 'Shop', method: 'order', target: 0.999 }],
    },
    {
      name: 'order_seconds',
      type: 'histogram',
      help: 'Order time',
      unit: 'seconds',
      labels: ['result'],
      buckets: [0.1, 0.3, 1],
      methods: [
        { decorator: 'Timed', class: 'Shop', method: 'order' },
        { decorator: 'Timed', class: 'Shop', method: 'cancel' },
      ],
      objectives: [{ class: 'Shop', method: 'order', latency: 0.3, target: 0.99 }],
    },
  ]);
  expect(JSON.parse(JSON.stringify(register.manifest()))).toEqual(register.manifest());
});

test('the manifest matches the page: prefixes and the quantiles of a summary included', () => {
  const registry = new Registry({ prefix: 'app_' });
  new Summary({ name: 'rpc_seconds', help: 'RPC', percentiles: [0.5], registers: [registry] });
  expect(registry.manifest()).toMatchObject([{ name: 'app_rpc_seconds', type: 'summary', percentiles: [0.5] }]);
});

function define(decorate: any): () => unknown {
  return () => {
    class Shop {
      @decorate
      order(): void {}
    }
    return Shop;
  };
}

test('with native buckets alone a latency may be any number of seconds', () => {
  const define = (latency: number) => {
    class Shop {
      @Timed({ registry: new Registry(), buckets: false, native: true, objective: { target: 0.99, latency } })
      order(): void {}
    }
    return new Shop();
  };
  expect(() => define(0.3)).not.toThrow();
  expect(() => define(-1)).toThrow(/objective\.latency must be a positive number of seconds, got -1/);
});

test('a latency must be a bucket; the error lists the buckets', () => {
  expect(define(Timed({ objective: { latency: 0.3, target: 0.99 } }))).toThrow(
    /latency must be a bucket of "method_duration_seconds" \(0\.005, 0\.01, .*, 0\.25, 0\.5, .*10\), got 0\.3/,
  );
  const histogram = new Histogram({ name: 'h_seconds', help: 'h', buckets: [0.3] });
  expect(define(Timed(histogram, { objective: { latency: 0.3, target: 0.99 } }))).not.toThrow();
});

test('a latency requires buckets', () => {
  const summary = new Summary({ name: 's_seconds', help: 's' });
  expect(define(Timed(summary, { objective: { latency: 0.3, target: 0.99 } }))).toThrow(/requires a histogram/);
});

test.each([0, 1, 99, Number.NaN, '0.9'])('%p is refused as a target', (target) => {
  expect(define(Counted({ objective: { target: target as number } }))).toThrow(ConfigError);
});

test('an objective must be an object', () => {
  expect(define(Counted({ objective: 0.99 as never }))).toThrow(ConfigError);
});

test('a method with an objective has all outcomes with 0 before its first call', async () => {
  class Shop {
    @Counted({ name: 'orders_total', help: 'Orders', objective: { target: 0.99 } })
    @Timed({ objective: { target: 0.99, latency: 0.25 } })
    @Counted({ objective: { target: 0.99 } })
    order(): void {}

    @Counted()
    cancel(): void {}
  }
  new Shop();
  const page = (await register.metrics()).split('\n');
  for (const result of ['ok', 'error', 'cancelled']) {
    expect(page).toContain(`orders_total{result="${result}"} 0`);
    expect(page).toContain(`method_duration_seconds_count{class="Shop",method="order",result="${result}"} 0`);
  }
  const calls = page.filter((line) => line.startsWith('method_calls_total{'));
  expect(calls.filter((line) => line.includes('method="order"')).sort()).toEqual([
    'method_calls_total{class="Shop",method="order",result="cancelled"} 0',
    'method_calls_total{class="Shop",method="order",result="error"} 0',
    'method_calls_total{class="Shop",method="order",result="ok",exception="none"} 0',
  ]);
  expect(calls.filter((line) => line.includes('method="cancel"'))).toHaveLength(1);
});

test('where the class is named or is no label, all outcomes have 0 as soon as the class is defined', async () => {
  class Shop {
    @Counted({ name: 'sales_total', help: 'Sales', objective: { target: 0.99 } })
    @Timed({ class: 'Stall', objective: { target: 0.99, latency: 0.25 } })
    sell(): void {}
  }
  expect(Shop.name).toBe('Shop');
  const page = (await register.metrics()).split('\n');
  for (const result of ['ok', 'error', 'cancelled']) {
    expect(page).toContain(`sales_total{result="${result}"} 0`);
    expect(page).toContain(`method_duration_seconds_count{class="Stall",method="sell",result="${result}"} 0`);
  }
});
