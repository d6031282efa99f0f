import { describe, expect, test } from '@jest/globals';
import {
  ConfigError,
  ConflictError,
  CountExceptions,
  Counted,
  Counter,
  Gauge,
  Histogram,
  InProgress,
  Observe,
  Registry,
  register,
  Summary,
  Timed,
} from 'promark';
import { sampleValue } from 'promark/testing';
import { seriesOf } from '../support/page.js';
import { freshRegistry } from './support/fresh.js';
import { faults } from './support/page.js';

freshRegistry();

const labelsOf = (name: string) => register.getSingleMetric(name)?.labelNames;

describe('default families', () => {
  test('have the labels that all classes share', () => {
    class Subject {
      @Timed()
      @Counted()
      @InProgress()
      @CountExceptions()
      run(): void {}
    }
    new Subject().run();
    expect(labelsOf('method_duration_seconds')).toEqual(['class', 'method', 'result']);
    expect(labelsOf('method_calls_total')).toEqual(['class', 'method', 'result', 'exception']);
    expect(labelsOf('method_inprogress')).toEqual(['class', 'method']);
    expect(labelsOf('method_exceptions_total')).toEqual(['class', 'method', 'exception']);
  });

  test('refuse extra labels', () => {
    expect(() => Timed({ labels: { a: 'x' } })).toThrow(ConfigError);
    expect(() => Counted({ exception: true })).toThrow(/default family "method_calls_total".*family of its own/);
  });

  test('keep the options of their first user, unless a later one asks for others', () => {
    const define = (options?: object) => {
      class Subject {
        @Timed(options)
        run(): void {}
      }
      return Subject;
    };
    define({ buckets: [1, 2] });
    expect(() => define()).not.toThrow();
    expect(() => define({ buckets: [1, 2] })).not.toThrow();
    expect(() => define({ buckets: [3] })).toThrow(ConflictError);
    expect(() => define({ type: 'summary' })).toThrow(/summary "method_duration_seconds".*histogram/s);
  });
});

describe('families from a config', () => {
  test('have the result label and the listed labels', async () => {
    class Subject {
      @Timed({ name: 'job_seconds', help: 'Job time', unit: 'seconds', buckets: [1, 2], labels: { kind: 'k' } })
      @Counted({ name: 'jobs_total', exception: true })
      @InProgress({ name: 'jobs', aggregate: 'sum', labels: { a: (x: number) => x } })
      @CountExceptions({ name: 'failures_total' })
      run(_a: number): void {}
    }
    new Subject().run(1);
    expect(labelsOf('job_seconds')).toEqual(['result', 'kind']);
    expect(labelsOf('jobs_total')).toEqual(['result', 'exception']);
    expect(labelsOf('jobs')).toEqual(['a']);
    expect(labelsOf('failures_total')).toEqual([]);
    expect(register.getSingleMetric('job_seconds')).toMatchObject({
      help: 'Job time',
      unit: 'seconds',
      buckets: [1, 2],
    });
    expect(register.getSingleMetric('jobs')).toMatchObject({ aggregate: 'sum' });
    expect(await sampleValue(register, 'job_seconds_count', { kind: 'k', result: 'ok' })).toBe(1);
  });

  test('are shared by methods with the same config', async () => {
    class Subject {
      @Counted({ name: 'shared_total', labels: { from: 'a' } })
      a(): void {}

      @Counted({ name: 'shared_total', labels: { from: 'b' } })
      b(): void {}
    }
    const subject = new Subject();
    subject.a();
    subject.b();
    expect(await sampleValue(register, 'shared_total', { from: 'a', result: 'ok' })).toBe(1);
    expect(await sampleValue(register, 'shared_total', { from: 'b', result: 'ok' })).toBe(1);
  });

  test.each([
    ['type', () => Timed({ name: 'x_total' })],
    ['labels', () => Counted({ name: 'x_total', labels: { other: 'b' } })],
  ])('with a conflict in %s throw when the class is defined, naming both', (_what, decorate) => {
    new Counter({ name: 'x_total', help: 'x', labelNames: ['result'] });
    const define = () => {
      class Subject {
        @decorate()
        run(): void {}
      }
      return Subject;
    };
    expect(define).toThrow(ConflictError);
    expect(define).toThrow(/x_total.*x_total/s);
  });

  test('may be summaries', async () => {
    class Subject {
      @Timed({ name: 's_seconds', type: 'summary', percentiles: [0.5], maxAgeSeconds: 60, ageBuckets: 2 })
      run(): void {}
    }
    new Subject().run();
    expect(await sampleValue(register, 's_seconds_count', { result: 'ok' })).toBe(1);
    expect(await sampleValue(register, 's_seconds', { result: 'ok', quantile: '0.5' })).toBeGreaterThanOrEqual(0);
  });

  test('may use a registry of their own', async () => {
    const registry = new Registry();
    class Subject {
      @Counted({ registry })
      run(): void {}
    }
    new Subject().run();
    expect(await seriesOf('method_calls_total', registry)).toHaveLength(1);
    expect(register.getMetricsAsArray()).toEqual([]);
  });
});

describe('metrics that are passed in', () => {
  test('get the values of those labels that they have', async () => {
    const seconds = new Histogram({ name: 'h_seconds', help: 'h', labelNames: ['method', 'tier'] });
    const counter = new Counter({ name: 'c_total', help: 'c', labelNames: ['exception', 'class'] });
    const bare = new Counter({ name: 'bare_total', help: 'c' });
    class Shop {
      @Timed(seconds, { labels: { tier: (tier) => tier } })
      @Counted(counter)
      @Counted(bare)
      order(tier: string): void {
        if (tier === '') throw new RangeError('tier');
      }
    }
    const shop = new Shop();
    shop.order('gold');
    expect(() => shop.order('')).toThrow(RangeError);
    expect(await sampleValue(register, 'h_seconds_count', { method: 'order', tier: 'gold' })).toBe(1);
    expect(await sampleValue(register, 'h_seconds_count', { method: 'order' })).toBe(1);
    expect(await sampleValue(register, 'c_total', { class: 'Shop', exception: 'none' })).toBe(1);
    expect(await sampleValue(register, 'c_total', { class: 'Shop', exception: 'RangeError' })).toBe(1);
    expect(await sampleValue(register, 'bare_total')).toBe(2);
  });

  test('may be summaries and gauges where that makes sense', async () => {
    const summary = new Summary({ name: 's_seconds', help: 's', percentiles: [] });
    const last = new Gauge({ name: 'last_seconds', help: 'l' });
    const running = new Gauge({ name: 'running', help: 'r' });
    let during: number | undefined;
    class Subject {
      @Timed(summary)
      @Timed(last)
      @InProgress(running)
      async run(): Promise<void> {
        during = await sampleValue(register, 'running');
      }
    }
    await new Subject().run();
    expect(await sampleValue(register, 's_seconds_count')).toBe(1);
    expect(await sampleValue(register, 'last_seconds')).toBeGreaterThan(0);
    expect(during).toBe(1);
    expect(await sampleValue(register, 'running')).toBe(0);
  });

  test('are refused if their type does not fit', () => {
    const counter = new Counter({ name: 'c_total', help: 'c' });
    expect(() => Timed(counter as never)).toThrow(
      '@Timed() records on a histogram, summary, or gauge, but "c_total" is a counter. Use @Counted() for a counter.',
    );
    const others: [Histogram<string> | Gauge<string>, string][] = [
      [new Histogram({ name: 'h', help: 'h' }), '@Timed() or @Observe() for a histogram.'],
      [new Gauge({ name: 'g', help: 'g' }), '@InProgress() or @GaugeFrom() for a gauge.'],
    ];
    for (const [metric, way] of others) expect(() => Counted(metric as never)).toThrow(`Use ${way}`);
    expect(() => InProgress(counter as never)).toThrow(ConfigError);
    expect(() => Counted('c_total' as never)).toThrow('@Counted() takes a metric, an object of options or nothing');
  });

  test('are refused when the class is defined if a label has no source', () => {
    const metric = new Counter({ name: 'c_total', help: 'c', labelNames: ['tier'] });
    const define = () => {
      class Subject {
        @Counted(metric as never)
        order(): void {}
      }
      return Subject;
    };
    expect(define).toThrow(ConfigError);
    expect(define).toThrow(/@Counted\(\) on (Subject\.)?order: label "tier" of metric "c_total" has no source/);
  });

  test('refuse a source for an unknown label', () => {
    const metric = new Counter({ name: 'c_total', help: 'c' });
    expect(() => {
      class Subject {
        @Counted(metric, { labels: { tier: 'x' } } as never)
        order(): void {}
      }
      return Subject;
    }).toThrow(/has no label "tier"\. It has none\./);
  });
});

describe('@Timed', () => {
  test('records seconds on a monotonic clock', async () => {
    const seconds = new Histogram({ name: 'h_seconds', help: 'h', buckets: [1, 2] });
    class Subject {
      @Timed(seconds)
      run(body: () => void): void {
        body();
      }
    }
    const real = performance.now.bind(performance);
    let now = real();
    performance.now = () => now;
    try {
      new Subject().run(() => (now += 1500));
      new Subject().run(() => (now -= 5000));
    } finally {
      performance.now = real;
    }
    expect(await sampleValue(register, 'h_seconds_sum')).toBeCloseTo(1.5, 9);
    expect(await sampleValue(register, 'h_seconds_bucket', { le: '1.0' })).toBe(1);
    expect(await sampleValue(register, 'h_seconds_count')).toBe(2);
    expect(await faults()).toBe(0);
  });
});

describe('@Counted', () => {
  class Subject {
    fail(error?: unknown): void {
      if (error !== undefined) throw error;
    }
  }
  const decorated = (decorate: any) => {
    class Decorated extends Subject {
      @decorate
      override fail(error?: unknown): void {
        super.fail(error);
      }
    }
    return new Decorated();
  };

  test('counts only the result that `only` names', async () => {
    const errors = decorated(Counted({ name: 'errors_total', only: 'error' }));
    const oks = decorated(Counted({ name: 'oks_total', only: 'ok' }));
    for (const subject of [errors, oks]) {
      subject.fail();
      subject.fail();
      expect(() => subject.fail(new Error('x'))).toThrow();
    }
    expect(await seriesOf('errors_total')).toEqual([{ labels: { result: 'error' }, value: 1 }]);
    expect(await seriesOf('oks_total')).toEqual([{ labels: { result: 'ok' }, value: 2 }]);
  });

  test('counts on entry, before the result is known', async () => {
    const entered = decorated(
      Counted({ name: 'entries_total', when: 'entry', labels: { a: (error) => String(error) } }),
    );
    expect(() => entered.fail('x')).toThrow();
    class Default {
      @Counted({ when: 'entry' })
      *run(): Generator<number> {
        yield 1;
      }
    }
    new Default().run();
    expect(await seriesOf('entries_total')).toEqual([{ labels: { a: 'x' }, value: 1 }]);
    expect(await seriesOf('method_calls_total')).toEqual([{ labels: { class: 'Default', method: 'run' }, value: 1 }]);
  });

  test('refuses options that contradict each other', () => {
    expect(() => Counted({ only: 'cancelled' as never })).toThrow(ConfigError);
    expect(() => Counted({ when: 'later' as never })).toThrow(ConfigError);
    expect(() => Counted({ when: 'entry', only: 'ok' })).toThrow(/on entry it is unknown/);
    const metric = new Counter({ name: 'c_total', help: 'c', labelNames: ['result'] });
    expect(() => decorated(Counted(metric, { when: 'entry' }))).toThrow(/label "result" of metric "\w+" has no source/);
  });
});

describe('@InProgress', () => {
  test('reports the age of the oldest call', async () => {
    class Subject {
      @InProgress({ age: true })
      run(gate: Promise<void>): Promise<void> {
        return gate;
      }
    }
    const subject = new Subject();
    const age = async () =>
      await sampleValue(register, 'method_inprogress_oldest_seconds', { class: 'Subject', method: 'run' });
    const real = performance.now.bind(performance);
    let ahead = 0;
    performance.now = () => real() + ahead;
    try {
      let open = (): void => {};
      const first = subject.run(
        new Promise((resolve) => {
          open = resolve;
        }),
      );
      ahead += 10_000;
      void subject.run(new Promise(() => {}));
      ahead += 5000;
      expect(await age()).toBeCloseTo(15, 0);
      open();
      await first;
      expect(await age()).toBeCloseTo(5, 0);
    } finally {
      performance.now = real;
    }
  });

  test('reports 0 when no call is running', async () => {
    const jobs = new Gauge({ name: 'jobs', help: 'j' });
    class Subject {
      @InProgress(jobs, { age: true })
      run(): void {}
    }
    new Subject().run();
    expect(await sampleValue(register, 'jobs_oldest_seconds')).toBe(0);
  });

  test('does not decrement a series that was reset during the call', async () => {
    const jobs = new Gauge({ name: 'jobs', help: 'j' });
    class Subject {
      @InProgress(jobs)
      run(): void {
        register.resetMetrics();
      }
    }
    new Subject().run();
    expect(await sampleValue(register, 'jobs')).toBe(0);
  });
});

describe('@CountExceptions', () => {
  class Special extends RangeError {}

  test.each([
    ['a class', RangeError, ['RangeError 2']],
    ['classes and names', [TypeError, 'Custom'] as const, ['TypeError 1', 'Custom 1']],
    ['a name', 'Custom', ['Custom 1']],
    ['nothing', undefined, ['RangeError 2', 'TypeError 1', 'Custom 1', 'non_error 1']],
    ['options', { types: [TypeError] }, ['TypeError 1']],
  ])('given %s, counts what matches', async (_what, types, expected) => {
    class Subject {
      @CountExceptions(types as never)
      fail(error: unknown): void {
        throw error;
      }
    }
    const errors = [
      new RangeError('a'),
      new Special('b'),
      new TypeError('c'),
      Object.assign(new Error('d'), { name: 'Custom' }),
      1,
    ];
    for (const error of errors) {
      try {
        new Subject().fail(error);
      } catch (caught) {
        expect(caught).toBe(error);
      }
    }
    expect(
      (await seriesOf('method_exceptions_total')).map(({ labels, value }) => `${labels.exception} ${value}`),
    ).toEqual(expected);
  });

  test('refuses a filter that is not an error type', () => {
    expect(() => CountExceptions([5] as never)).toThrow(ConfigError);
    expect(() => CountExceptions({ types: '' })).toThrow(ConfigError);
  });
});

describe('@Observe', () => {
  test('records a number from the arguments or from the result', async () => {
    const rows = new Summary({ name: 'rows', help: 'r', percentiles: [], labelNames: ['method'] });
    const size = new Gauge({ name: 'size', help: 's' });
    const sold = new Counter({ name: 'sold_total', help: 's' });
    class Shop {
      factor = 2;

      @Observe({
        name: 'items',
        buckets: [1, 5],
        value(order) {
          return order.length * this.factor;
        },
      })
      @Observe(size, { value: (order) => order.length })
      @Observe(sold, { value: { of: (call) => call.args[0].length + (call.result ?? 0) } })
      order(order: string[]): number {
        return order.length;
      }

      @Observe(rows, { value: { of: ({ result }) => result?.length ?? 0 } })
      async search(): Promise<number[]> {
        return [1, 2, 3];
      }
    }
    const shop = new Shop();
    shop.order(['a', 'b']);
    await shop.search();
    expect(await sampleValue(register, 'items_sum')).toBe(4);
    expect(await sampleValue(register, 'items_bucket', { le: '5.0' })).toBe(1);
    expect(await sampleValue(register, 'size')).toBe(2);
    expect(await sampleValue(register, 'sold_total')).toBe(4);
    expect(await sampleValue(register, 'rows_sum', { method: 'search' })).toBe(3);
  });

  test('drops and counts values that are not finite numbers, and ignores failed calls', async () => {
    class Subject {
      @Observe({ name: 'seen', value: (value) => value as number })
      run(value: unknown): unknown {
        if (value === 'fail') throw new Error('x');
        return value;
      }
    }
    const subject = new Subject();
    for (const value of [Number.NaN, Infinity, '3', undefined, 3]) expect(subject.run(value)).toBe(value);
    expect(() => subject.run('fail')).toThrow('x');
    expect(await sampleValue(register, 'seen_count')).toBe(1);
    expect(await faults()).toBe(4);
  });

  test('has no default family, and requires a value', () => {
    expect(() => Observe({ value: () => 1 } as never)).toThrow(/no default family/);
    expect(() => Observe({ name: 'x' } as never)).toThrow(/option "value" must be/);
    expect(() => Observe({ name: 'x', type: 'info', value: () => 1 } as never)).toThrow(ConfigError);
  });
});
