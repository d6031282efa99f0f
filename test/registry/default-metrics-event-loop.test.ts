import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { collectDefaultMetrics, type DefaultMetricsCollectorConfiguration, Registry } from 'promark';
import { fakeOnly } from '../support/fake-timers.js';
import { valueOnLine } from '../support/page.js';
import { until } from '../support/until.js';

let register: Registry;
let stop: () => void;

beforeEach(() => {
  register = new Registry();
  stop = () => {};
});

afterEach(() => {
  stop();
  jest.useRealTimers();
});

function collect(config: DefaultMetricsCollectorConfiguration): void {
  stop = collectDefaultMetrics({ ...config, register }).stop;
}

const read = (series: string) => valueOnLine(register, series);

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** How long the loop is blocked: far longer than a busy machine delays it. */
const BLOCK_MS = 1000;

const hasDelay = async () => (await read('nodejs_eventloop_lag_max_seconds')) >= 0.9;
const isMeasured = async () => (await read('nodejs_eventloop_lag_max_seconds')) >= 0;

// What is measured is on the page after the next sample of the runtime's monitor.
const untilDelayed = () => until('the delay on the page', hasDelay);
const untilMeasured = () => until('a first sample', isMeasured);

describe('event loop lag', () => {
  test('of a scrape is the time until its turn of the loop', async () => {
    collect({ collectors: ['eventLoopLag'] });
    const start = performance.now();
    const page = register.metrics();
    // Runs before the turn that the scrape has scheduled.
    block(120);
    const lag = Number((await page).match(/^nodejs_eventloop_lag_seconds (.+)$/m)?.[1]);
    expect(lag).toBeGreaterThanOrEqual(0.1);
    expect(lag).toBeLessThanOrEqual((performance.now() - start) / 1000);
  });

  test('is on the pages of two scrapes at the same time', async () => {
    collect({ collectors: ['eventLoopLag'] });
    const pages = await Promise.all([register.metrics(), register.metrics()]);
    for (const page of pages) expect(page).toMatch(/^nodejs_eventloop_lag_seconds /m);
  });

  test('of a window shows a blocked loop to every scraper', async () => {
    collect({ collectors: ['eventLoopLag'] });
    await untilMeasured();
    block(BLOCK_MS);
    await untilDelayed();
    const scrapes = [await register.metrics(), await register.metrics(), await register.metrics()];
    for (const name of ['max', 'p99']) {
      const values = scrapes.map((page) =>
        Number(page.match(new RegExp(`^nodejs_eventloop_lag_${name}_seconds (.+)$`, 'm'))?.[1]),
      );
      expect(values[0]).toBeGreaterThanOrEqual(0.9);
      expect(values[1]).toBe(values[0]);
      expect(values[2]).toBe(values[0]);
    }
    const mean = await read('nodejs_eventloop_lag_mean_seconds');
    expect(await read('nodejs_eventloop_lag_stddev_seconds')).toBeGreaterThan(0);
    expect(mean).toBeGreaterThan(0);
    expect(mean).toBeLessThan(await read('nodejs_eventloop_lag_max_seconds'));
  });

  test('of an idle loop is not the time between two samples', async () => {
    // Samples so far apart that even a busy machine delays few of them by half of that.
    collect({ collectors: ['eventLoopLag'], eventLoopMonitoringPrecision: 1000 });
    await until('samples that are not delayed', async () => {
      return (
        (await read('nodejs_eventloop_lag_p50_seconds')) < 0.5 && (await read('nodejs_eventloop_lag_min_seconds')) < 0.5
      );
    });
  });

  test('stays for at least one window and at most two', async () => {
    // Only the timer that rotates the window uses fake time.
    fakeOnly('setInterval', 'clearInterval');
    collect({ collectors: ['eventLoopLag'], eventLoopLagWindowSeconds: 30 });
    await untilMeasured();
    block(BLOCK_MS);
    await untilDelayed();

    jest.advanceTimersByTime(30_000);
    expect(await hasDelay()).toBe(true);
    await untilMeasured();
    jest.advanceTimersByTime(29_999);
    expect(await hasDelay()).toBe(true);
    jest.advanceTimersByTime(1);
    expect(await hasDelay()).toBe(false);
  });
});

describe('event loop utilization', () => {
  test('is close to 1 while the loop is blocked, with one observation for each missed interval', async () => {
    collect({ collectors: ['eventLoopUtilization'], eventLoopUtilizationTimeout: 20 });
    block(400);
    await until('the missed intervals', async () => (await read('nodejs_eventloop_utilization_histogram_count')) >= 18);
    const count = await read('nodejs_eventloop_utilization_histogram_count');
    expect(await read('nodejs_eventloop_utilization_histogram_sum')).toBeGreaterThan(15);
    expect(await read('nodejs_eventloop_utilization_summary_count')).toBeGreaterThanOrEqual(count);
    expect(await read('nodejs_eventloop_utilization_summary{quantile="0.9"}')).toBeGreaterThan(0.8);
  });

  test('takes buckets and percentiles', async () => {
    collect({
      collectors: ['eventLoopUtilization'],
      eventLoopUtilizationBuckets: [0.5, 1],
      eventLoopUtilizationPercentiles: [0.25],
    });
    const page = await register.metrics();
    expect([...page.matchAll(/_histogram_bucket\{le="([^"]+)"\}/g)].map(([, le]) => le)).toEqual([
      '0.5',
      '1.0',
      '+Inf',
    ]);
    expect([...page.matchAll(/quantile="([^"]+)"/g)].map(([, quantile]) => quantile)).toEqual(['0.25']);
  });
});
