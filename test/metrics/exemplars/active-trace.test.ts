import { afterEach, expect, test } from '@jest/globals';
import { Counter, Histogram, Registry, setExemplarSource } from 'promark';

afterEach(() => setExemplarSource(undefined));

let active: { trace_id: string } | undefined;

async function traces(registry: Registry): Promise<unknown[]> {
  const samples = (await registry.gather()).flatMap((family) => family.samples);
  return samples.flatMap(({ exemplar }) => (exemplar === undefined ? [] : [exemplar.labels.trace_id]));
}

function traced(native?: boolean): { registry: Registry; seconds: Histogram<string>; failures: Counter<string> } {
  const registry = new Registry();
  const config = { help: 'H', labelNames: ['job'], enableExemplars: true, registers: [registry] };
  active = { trace_id: 'first' };
  setExemplarSource(() => active);
  return {
    registry,
    seconds: new Histogram({ ...config, name: 'seconds', native }),
    failures: new Counter({ ...config, name: 'failures_total' }),
  };
}

const measurements: Record<string, (seconds: Histogram<string>) => unknown> = {
  'startTimer of a metric': (seconds) => {
    const stop = seconds.startTimer({ job: 'a' });
    active = { trace_id: 'second' };
    stop();
  },
  'startTimer of a child': (seconds) => {
    const stop = seconds.labels('a').startTimer();
    active = { trace_id: 'second' };
    stop();
  },
  'startTimer of a child that stops on another series': (seconds) => {
    const stop = seconds.labels('a').startTimer();
    active = { trace_id: 'second' };
    stop({ job: 'b' });
  },
  'time of a child': (seconds) =>
    seconds.labels('a').time(async () => {
      await null;
      active = { trace_id: 'second' };
    }),
};

test.each(Object.entries(measurements))('%s keeps the trace that was active at its start', async (_, measure) => {
  for (const native of [false, true]) {
    const { registry, seconds } = traced(native);
    await measure(seconds);
    expect(await traces(registry)).toEqual(['first']);
  }
});

test('countExceptions keeps the trace that was active at its start', async () => {
  const { registry, failures } = traced();
  const failing = failures.labels('a').countExceptions(async () => {
    await null;
    active = { trace_id: 'second' };
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await traces(registry)).toEqual(['first']);
});

test('an exemplar that is given wins, and without an active trace there is none', async () => {
  const { registry, seconds } = traced();
  seconds.startTimer({ job: 'a' }, { trace_id: 'given' })();
  expect(await traces(registry)).toEqual(['given']);
  seconds.reset();
  active = undefined;
  const stop = seconds.startTimer({ job: 'a' });
  active = { trace_id: 'second' };
  stop();
  expect(await traces(registry)).toEqual([]);
});

test('a source that throws changes nothing for the caller', async () => {
  const warnings: string[] = [];
  const registry = new Registry({ logger: { warn: (text) => warnings.push(text) } });
  const seconds = new Histogram({ name: 'seconds', help: 'H', enableExemplars: true, registers: [registry] });
  setExemplarSource(() => {
    throw new Error('no tracer');
  });
  expect(seconds.time(() => 1)).toBe(1);
  expect(seconds.startTimer()()).toBeGreaterThanOrEqual(0);
  expect(warnings).toEqual([expect.stringContaining('exemplar of seconds')]);
  expect(await traces(registry)).toEqual([]);
});
