import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Gauge, Histogram, LabelError, type MetricObject, Summary, type Timer } from 'promark';

const config = { name: 'job_seconds', help: 'Job time', registers: [] };

/** What the metrics with timers have in common. */
interface Timing {
  time<R>(body: () => R): R;
  startTimer(labels?: object): Timer<string>;
}

interface TimingFamily extends Timing {
  labels(...values: string[]): Timing;
  remove(...values: string[]): void;
  get(): Promise<MetricObject>;
}

/** Each of them without labels and with two, and the number of samples of a series. */
const kinds: Record<string, { bare(): TimingFamily; labeled(): TimingFamily; lines: number }> = {
  Histogram: {
    bare: () => new Histogram({ ...config, buckets: [] }) as TimingFamily,
    labeled: () => new Histogram({ ...config, buckets: [], labelNames: ['a', 'b'] }) as TimingFamily,
    lines: 3,
  },
  Summary: {
    bare: () => new Summary({ ...config, percentiles: [] }) as TimingFamily,
    labeled: () => new Summary({ ...config, percentiles: [], labelNames: ['a', 'b'] }) as TimingFamily,
    lines: 2,
  },
  Gauge: {
    bare: () => new Gauge(config) as TimingFamily,
    labeled: () => new Gauge({ ...config, labelNames: ['a', 'b'] }) as TimingFamily,
    lines: 1,
  },
};

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe.each(Object.entries(kinds))('a timer of a %s', (kind, { bare, labeled, lines }) => {
  /** `[labels, seconds, recordings]` of every series; a gauge knows only its last seconds. */
  async function series(metric: TimingFamily) {
    const { values } = await metric.get();
    const found: [labels: object, seconds: number, recordings?: number][] = [];
    for (let at = 0; at < values.length; at += lines) {
      const { labels, value } = values[at + Math.max(0, lines - 2)];
      found.push(kind === 'Gauge' ? [labels, value] : [labels, value, values[at + lines - 1].value]);
    }
    return found;
  }
  const once = (labels: object, seconds: number, recordings = 1) =>
    kind === 'Gauge' ? [labels, seconds] : [labels, seconds, recordings];

  test('records 0 if its clock goes backward', async () => {
    const metric = bare();
    const stop = metric.startTimer();
    jest.spyOn(performance, 'now').mockReturnValue(-5000);
    expect(stop()).toBe(0);
    jest.restoreAllMocks();
    expect(await series(metric)).toEqual([kind === 'Gauge' ? [{}, 0] : [{}, 0, 1]]);
  });

  test('records and returns the seconds that have passed', async () => {
    const metric = bare();
    const end = metric.startTimer();
    jest.advanceTimersByTime(1500);
    expect(end()).toBe(1.5);
    expect(await series(metric)).toEqual([once({}, 1.5)]);
  });

  test('that is stopped twice records once and returns the same seconds', async () => {
    const metric = bare();
    const end = metric.startTimer();
    jest.advanceTimersByTime(500);
    end();
    jest.advanceTimersByTime(500);
    expect(end()).toBe(0.5);
    expect(await series(metric)).toEqual([once({}, 0.5)]);
  });

  test('is independent of other timers', async () => {
    const metric = bare();
    const first = metric.startTimer();
    jest.advanceTimersByTime(1000);
    const second = metric.startTimer();
    jest.advanceTimersByTime(1000);
    expect([first(), second()]).toEqual([2, 1]);
  });

  test('is not affected by a change of the wall clock', () => {
    const end = bare().startTimer();
    jest.advanceTimersByTime(1000);
    expect(end()).toBe(1);
  });

  test('stops at the end of its block', async () => {
    const metric = bare();
    {
      using _timer = metric.startTimer();
      jest.advanceTimersByTime(250);
    }
    expect(() => {
      using _timer = metric.labels().startTimer();
      jest.advanceTimersByTime(250);
      throw new Error('no');
    }).toThrow('no');
    expect(await series(metric)).toEqual([kind === 'Gauge' ? [{}, 0.25] : [{}, 0.5, 2]]);
  });

  test('that was stopped explicitly does not record again at the end of its block', async () => {
    const metric = bare();
    {
      using timer = metric.startTimer();
      jest.advanceTimersByTime(250);
      timer();
      jest.advanceTimersByTime(250);
    }
    expect(await series(metric)).toEqual([once({}, 0.25)]);
  });

  test('merges the labels of its end over those of its start', async () => {
    const metric = labeled();
    const start = { a: 'start' };
    const end = metric.startTimer(start);
    jest.advanceTimersByTime(1000);
    end({ b: 'end' });
    metric.startTimer({ a: 'x', b: 'y' })({ a: 'z' });
    expect(start).toEqual({ a: 'start' });
    expect(await series(metric)).toEqual([once({ a: 'start', b: 'end' }, 1), once({ a: 'z', b: 'y' }, 0)]);
  });

  test('creates no series before it is stopped', async () => {
    const metric = labeled();
    metric.startTimer({ a: 'x' });
    expect(await series(metric)).toEqual([]);
  });

  test('of a child records on the child, or on another series if the end has other labels', async () => {
    const metric = labeled();
    const child = metric.labels('x', 'y');
    const ends = [child.startTimer(), child.startTimer(), child.startTimer()];
    jest.advanceTimersByTime(1000);
    ends[0]();
    ends[1]({ b: 'z' });
    ends[2]({});
    expect(await series(metric)).toEqual([
      kind === 'Gauge' ? [{ a: 'x', b: 'y' }, 1] : [{ a: 'x', b: 'y' }, 2, 2],
      once({ a: 'x', b: 'z' }, 1),
    ]);
  });

  test('of a child that was removed meanwhile records nothing', async () => {
    const metric = labeled();
    const child = metric.labels('x', 'y');
    const ends = [child.startTimer(), child.startTimer()];
    metric.remove('x', 'y');
    metric.labels('new', 'row');
    jest.advanceTimersByTime(1000);
    expect([ends[0](), ends[1]({ a: 'z' })]).toEqual([1, 1]);
    expect(await series(metric)).toEqual([once({ a: 'new', b: 'row' }, 0, 0)]);
  });

  test('refuses labels that its family does not have', () => {
    const metric = labeled();
    expect(() => metric.startTimer({ c: 'x' })()).toThrow(LabelError);
    expect(() => metric.startTimer()({ c: 'x' })).toThrow('Metric "job_seconds" has no label "c"');
    expect(() => metric.labels('x', 'y').startTimer()({ c: 'x' })).toThrow(LabelError);
  });
});

describe.each(Object.entries(kinds))('time of a %s', (_kind, { bare, labeled }) => {
  /** The seconds that were recorded last (gauge) or in total. */
  async function seconds(metric: TimingFamily): Promise<number> {
    const { values } = await metric.get();
    return (values.find(({ metricName }) => metricName?.endsWith('_sum')) ?? values[0]).value;
  }

  test('records a body that returns, and returns its result', async () => {
    const metric = bare();
    const result = {};
    const timed = metric.time(() => {
      jest.advanceTimersByTime(1000);
      return result;
    });
    expect(timed).toBe(result);
    expect(await seconds(metric)).toBe(1);
  });

  test('records a body that throws, and rethrows the error', async () => {
    const metric = bare();
    const error = new Error('no');
    let caught: unknown;
    try {
      metric.time(() => {
        jest.advanceTimersByTime(1000);
        throw error;
      });
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).toBe(error);
    expect(await seconds(metric)).toBe(1);
  });

  test('records an async body when it settles, and resolves with its result', async () => {
    const metric = bare();
    const timed: Promise<string> = metric.time(async () => {
      await Promise.resolve();
      jest.advanceTimersByTime(2000);
      return 'done';
    });
    expect(await timed).toBe('done');
    expect(await seconds(metric)).toBe(2);
  });

  test('records an async body that rejects, and rejects with the same error', async () => {
    const metric = bare();
    const error = new Error('no');
    const timed = metric.time(async () => {
      await Promise.resolve();
      jest.advanceTimersByTime(2000);
      throw error;
    });
    await expect(timed).rejects.toBe(error);
    expect(await seconds(metric)).toBe(2);
  });

  test('does not start a thenable that is not a promise', async () => {
    const metric = bare();
    let started = 0;
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: query builders begin when they are awaited
      then() {
        started += 1;
      },
    };
    expect(metric.time(() => query)).toBe(query);
    expect(started).toBe(0);
  });

  test('works on a child', async () => {
    const metric = labeled();
    expect(metric.labels('x', 'y').time(() => 5)).toBe(5);
    expect((await metric.get()).values[0].labels).toMatchObject({ a: 'x', b: 'y' });
  });
});
