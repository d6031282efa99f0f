import { createRequire } from 'node:module';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Counter, Histogram, Registry, Timed } from 'promark';
import { change, expectSample, withIsolatedRegistry } from 'promark/testing';

/** The clock of sinon and of Vitest, from the package that Jest's own comes from. */
const sinon: { install(options?: object): { uninstall(): void; tickAsync(ms: number): Promise<void> } } = createRequire(
  import.meta.url,
)('@sinonjs/fake-timers');

interface Clock {
  advance(ms: number): Promise<void>;
  uninstall(): void;
}

// What each of them fakes by default, which differs.
const clocks: Record<string, () => Clock> = {
  Jest: () => {
    jest.useFakeTimers();
    return { advance: (ms) => jest.advanceTimersByTimeAsync(ms), uninstall: () => void jest.useRealTimers() };
  },
  sinon: () => clock({}),
  Vitest: () => clock({ toFake: FAKED_BY_VITEST }),
  'Vitest before 3': () => clock({ toFake: FAKED_BY_VITEST.filter((name) => name !== 'performance') }),
};

const FAKED_BY_VITEST = [
  'setTimeout',
  'clearTimeout',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'Date',
  'performance',
];

function clock(options: object): Clock {
  const installed = sinon.install(options);
  return { advance: (ms) => installed.tickAsync(ms), uninstall: () => installed.uninstall() };
}

class Shop {
  @Timed({ name: 'order_seconds', buckets: [1, 10] })
  async order(): Promise<void> {
    // Of the fake clock, which the tests advance.
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
}

describe.each(Object.keys(clocks))('with the fake clock of %s', (name) => {
  let fake: Clock | undefined;

  afterEach(() => fake?.uninstall());

  // Where `performance` is real, a call takes no time at all.
  const seconds = name === 'Vitest before 3' ? 0 : 5;

  test('a call is as long as the clock says, and the page is made while it stands still', async () => {
    fake = clocks[name]();
    await withIsolatedRegistry(async (registry) => {
      const ordered = new Shop().order();
      await fake?.advance(5000);
      await ordered;
      await expectSample(registry, 'order_seconds_count', { result: 'ok' }, 1);
      await expectSample(registry, 'order_seconds_bucket', { result: 'ok', le: '1.0' }, seconds === 5 ? 0 : 1);
    });
  });

  test('pages that take several turns of the event loop do not wait for it', async () => {
    const registry = new Registry({ maxSeries: 0 });
    const config = { help: 'x', labelNames: ['n'], registers: [registry], maxSeries: 0 } as const;
    const counter = new Counter({ name: 'many_total', ...config });
    for (let n = 0; n < 30_000; n++) counter.inc({ n });
    fake = clocks[name]();
    expect(await registry.metrics()).toContain('many_total{n="29999"} 1');
  });

  test('an asynchronous collect and a change are read', async () => {
    const registry = new Registry();
    const jobs = new Histogram({ name: 'jobs', help: 'Jobs', registers: [registry], collect: async () => {} });
    fake = clocks[name]();
    expect(await change(() => jobs.observe(1), registry).of(jobs)).toBe(1);
  });
});
