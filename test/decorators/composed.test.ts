import { expect, test } from '@jest/globals';
import {
  ConfigError,
  CountExceptions,
  Counted,
  Counter,
  Gauge,
  GaugeFrom,
  Histogram,
  InProgress,
  Instrumented,
  Observe,
  register,
  Skip,
  Summary,
  Timed,
} from 'promark';
import { sampleValue } from 'promark/testing';
import { named } from './support/dialect.js';
import { freshRegistry } from './support/fresh.js';
import { calls } from './support/page.js';

freshRegistry();

const decorators: [string, (...on: any[]) => any][] = [
  ['Timed', Timed as never],
  ['Counted', Counted as never],
  ['InProgress', InProgress as never],
  ['CountExceptions', CountExceptions as never],
  ['Observe', Observe as never],
  ['GaugeFrom', GaugeFrom as never],
  ['Skip', Skip as never],
];

/** A composer that ignores what decorators return, as Nest's applyDecorators() does. */
function compose(...composed: any[]): any {
  return (...on: any[]): void => {
    for (const one of composed) one(...on);
  };
}

test('decorators work in a composer that ignores their return values', async () => {
  class Shop {
    @compose(Timed(), Counted(), InProgress(), CountExceptions())
    order(fail: boolean): void {
      if (fail) throw new TypeError('no');
    }

    @compose(Counted())
    static open(): void {}
  }
  const shop = new Shop();
  shop.order(false);
  expect(() => shop.order(true)).toThrow('no');
  await Promise.resolve();
  Shop.open();
  expect(await calls('order')).toEqual({ ok: 1, error: 1 });
  expect(await calls('open')).toEqual({ ok: 1 });
  const labels = { class: 'Shop', method: 'order' };
  expect(await sampleValue(register, 'method_duration_seconds_count', { ...labels, result: 'ok' })).toBe(1);
  expect(await sampleValue(register, 'method_exceptions_total', { ...labels, exception: 'TypeError' })).toBe(1);
  expect(await sampleValue(register, 'method_inprogress', labels)).toBe(0);
});

test.each([true, false])('a loop may decorate the methods of a class, with their descriptors: %s', async (passed) => {
  class Shop {
    order(): void {}
    cancel(): void {}
  }
  for (const key of ['order', 'cancel']) {
    const decorate = Counted() as any;
    if (passed) decorate(Shop.prototype, key, Object.getOwnPropertyDescriptor(Shop.prototype, key));
    else decorate(Shop.prototype, key);
  }
  new Shop().order();
  new Shop().cancel();
  expect(await calls('order')).toEqual({ ok: 1 });
  expect(await calls('cancel')).toEqual({ ok: 1 });
});

test('the decorators of metrics work in such a composer too', async () => {
  const seconds = new Histogram({ name: 'h_seconds', help: 'h' });
  class Jobs {
    @compose(seconds.time())
    run(): void {}
  }
  new Jobs().run();
  expect(await sampleValue(register, 'h_seconds_count')).toBe(1);
});

test('a frozen descriptor is left unchanged', async () => {
  const target = { run: () => 1 };
  const frozen = Object.freeze({ value: target.run, configurable: true, enumerable: true, writable: true });
  const decorated = (Counted() as any)(target, 'run', frozen);
  expect(frozen.value()).toBe(1);
  expect(decorated.value()).toBe(1);
});

test.each(decorators)('@%s without parentheses says what to write', (name, decorate) => {
  expect(() => {
    class Shop {
      @decorate
      order(): void {}
    }
    return Shop;
  }).toThrow(new ConfigError(`@${name} on ${named('Shop', 'order')} needs parentheses: write @${name}().`));
});

const failures = new Counter({ name: 'failures_total', help: 'f', registers: [] });
const seconds = new Histogram({ name: 'seconds', help: 's', registers: [] });
const quantiles = new Summary({ name: 'quantiles', help: 'q', registers: [] });
const running = new Gauge({ name: 'running', help: 'r', labelNames: ['job'], registers: [] });

const metricMethods: [string, any][] = [
  ['seconds.time', seconds.time],
  ['seconds.time', seconds.labels().time],
  ['quantiles.time', quantiles.time],
  ['running.time', running.time],
  ['running.time', running.labels('a').time],
  ['running.trackInProgress', running.trackInProgress],
  ['failures_total.countExceptions', failures.countExceptions],
  ['failures_total.countExceptions', failures.labels().countExceptions],
];

test.each(metricMethods)('@%s without parentheses says what to write, and does not run the method', (name, bare) => {
  // Compilers call the method without the metric, whose name is then unknown.
  const method = name.split('.')[1];
  const message = `@metric.${method} on ${named('Jobs', 'nightly')} needs parentheses: write @metric.${method}().`;
  let ran = false;
  expect(() => {
    class Jobs {
      @(bare as any)
      nightly(): void {
        ran = true;
      }
    }
    return Jobs;
  }).toThrow(new ConfigError(message));
  expect(() => {
    // biome-ignore lint/complexity/noStaticOnlyClass: static methods have a function for their target
    class Jobs {
      @(bare as any)
      static nightly(): void {
        ran = true;
      }
    }
    return Jobs;
  }).toThrow(new ConfigError(message));
  expect(ran).toBe(false);
});

test('a metric that is itself used as a decorator, with its name', () => {
  const decorate = seconds.time.bind(seconds) as any;
  expect(() => {
    class Jobs {
      @decorate
      nightly(): void {}
    }
    return Jobs;
  }).toThrow(new ConfigError(`@seconds.time on ${named('Jobs', 'nightly')} needs parentheses: write @seconds.time().`));
});

test('@Instrumented without parentheses says what to write', () => {
  const decorate = Instrumented as any;
  expect(() => {
    @decorate
    class Shop {}
    return Shop;
  }).toThrow('@Instrumented on Shop needs parentheses: write @Instrumented().');
});

test('an option that does not exist is refused, with the one that was probably meant', () => {
  const message = (define: () => unknown) => {
    try {
      define();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      return (error as Error).message;
    }
    return 'nothing was thrown';
  };
  const metric = new Histogram({ name: 'h_seconds', help: 'h', registers: [] });
  expect(message(() => Counted({ nmae: 'x' } as never))).toContain(
    '@Counted(): unknown option "nmae", did you mean "name"?',
  );
  expect(message(() => Timed({ bukets: [1] } as never))).toContain('did you mean "buckets"?');
  expect(message(() => Timed(metric, { lables: {} } as never))).toContain('did you mean "labels"?');
  expect(message(() => Timed(metric, { name: 'x' } as never))).toContain('It cannot be combined with a metric.');
  expect(message(() => InProgress({ aeg: true } as never))).toContain('did you mean "age"?');
  expect(message(() => CountExceptions({ typs: [] } as never))).toContain('did you mean "types"?');
  expect(message(() => Observe({ name: 'x', valeu: () => 1 } as never))).toContain('did you mean "value"?');
  expect(message(() => GaugeFrom({ name: 'x', agregate: 'sum' } as never))).toContain('did you mean "aggregate"?');
  expect(message(() => Instrumented({ conted: true } as never))).toContain('did you mean "counted"?');
  expect(
    message(() => {
      class Shop {
        @Counted({ name: 'x_total', labels: { a: { of: () => 1, vales: ['1'] } as never } })
        order(): void {}
      }
      return Shop;
    }),
  ).toContain('unknown option "vales", did you mean "values"?');
  expect(
    message(() => {
      class Shop {
        @Timed({ objective: { traget: 0.9 } as never })
        order(): void {}
      }
      return Shop;
    }),
  ).toContain('unknown option "traget", did you mean "target"?');
});

test('@GaugeFrom refuses what the other decorators refuse, and takes a label of the whole reading', async () => {
  expect(() => GaugeFrom({ name: 'x', registry: 'oops' } as never)).toThrow(
    'option registry must be a Registry, got "oops"',
  );
  expect(() => GaugeFrom({ name: 'x', class: 5 } as never)).toThrow('option class must be a string, got 5');
  // biome-ignore lint/complexity/noStaticOnlyClass: static members are known at once
  class Queue {
    @GaugeFrom({ name: 'queue_jobs', labels: { q: { of: (call) => (Number(call.result) > 3 ? 'long' : 'short') } } })
    static get size(): number {
      return 4;
    }
  }
  expect(Queue.size).toBe(4);
  expect(await sampleValue(register, 'queue_jobs', { q: 'long' })).toBe(4);
});

test('@Instrumented takes a class with a private constructor', async () => {
  @Instrumented({ timed: false, counted: true })
  class Single {
    private constructor() {}

    static make(): Single {
      return new Single();
    }
  }
  await Promise.resolve();
  expect(Single.make()).toBeInstanceOf(Single);
  expect(await calls('make')).toEqual({ ok: 1 });
});
