import { expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, register, Summary } from 'promark';
import { sampleValue } from 'promark/testing';
import { freshRegistry } from './support/fresh.js';

freshRegistry();

test('time() of a histogram, a summary or a gauge is a decorator', async () => {
  const histogram = new Histogram({ name: 'h_seconds', help: 'h' });
  const summary = new Summary({ name: 's_seconds', help: 's', percentiles: [] });
  const gauge = new Gauge({ name: 'g_seconds', help: 'g' });
  class Jobs {
    constructor(readonly name: string) {}

    @histogram.time()
    @summary.time()
    @gauge.time()
    async nightly(greeting: string): Promise<string> {
      return `${greeting} ${this.name}`;
    }

    @histogram.time()
    fail(): never {
      throw new RangeError('no');
    }
  }
  const jobs = new Jobs('jobs');
  expect(await jobs.nightly('hello')).toBe('hello jobs');
  expect(() => jobs.fail()).toThrow(RangeError);
  expect(jobs.nightly).toHaveLength(1);
  expect(jobs.nightly.name).toBe('nightly');
  expect(await sampleValue(register, 'h_seconds_count')).toBe(2);
  expect(await sampleValue(register, 's_seconds_count')).toBe(1);
  expect(await sampleValue(register, 'g_seconds')).toBeGreaterThan(0);
});

test('countExceptions() and trackInProgress() are decorators, also on a child', async () => {
  const failures = new Counter({ name: 'failures_total', help: 'f', labelNames: ['job'] });
  const nightlyFailures = failures.labels('nightly');
  const running = new Gauge({ name: 'running', help: 'r' });
  let during: number | undefined;
  class Jobs {
    @nightlyFailures.countExceptions()
    @running.trackInProgress()
    async nightly(fail: boolean): Promise<void> {
      during = await sampleValue(register, 'running');
      if (fail) throw new Error('no');
    }

    @running.trackInProgress()
    *stream(): Generator<number> {
      yield 1;
    }
  }
  const jobs = new Jobs();
  await jobs.nightly(false);
  await expect(jobs.nightly(true)).rejects.toThrow('no');
  expect(during).toBe(1);
  jobs.stream();
  for (const _ of jobs.stream()) expect(await sampleValue(register, 'running')).toBe(1);
  expect(await sampleValue(register, 'failures_total', { job: 'nightly' })).toBe(1);
  expect(await sampleValue(register, 'running')).toBe(0);
});

test('given a function, they measure that function', () => {
  const histogram = new Histogram({ name: 'h_seconds', help: 'h' });
  const gauge = new Gauge({ name: 'g', help: 'g' });
  const counter = new Counter({ name: 'c_total', help: 'c' });
  expect(histogram.time(() => 1)).toBe(1);
  expect(gauge.trackInProgress(() => 2)).toBe(2);
  expect(counter.countExceptions(() => 3)).toBe(3);
});
