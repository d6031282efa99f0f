import { afterEach, expect, test } from '@jest/globals';
import { Counted, register, setExemplarSource, Timed } from 'promark';
import { freshRegistry } from './support/fresh.js';
import { faults } from './support/page.js';

freshRegistry();

afterEach(() => setExemplarSource(undefined));

async function traceIds(name: string): Promise<unknown[]> {
  const samples = (await register.gather()).flatMap((family) => family.samples);
  return samples.filter((one) => one.name === name && one.exemplar).map((one) => one.exemplar?.labels.trace_id);
}

class Shop {
  @Timed()
  @Counted()
  async order(during: () => void): Promise<void> {
    await null;
    during();
  }

  @Counted()
  sync(): number {
    return 1;
  }
}

test('exemplars refer to the span that was active when the call began', async () => {
  let active: { trace_id: string } | undefined = { trace_id: 'first' };
  setExemplarSource(() => active);
  await new Shop().order(() => {
    active = { trace_id: 'second' };
  });
  expect(await traceIds('method_duration_seconds_bucket')).toEqual(['first']);
  expect(await traceIds('method_calls_total')).toEqual(['first']);
});

test('there is no exemplar without an active span', async () => {
  setExemplarSource(() => undefined);
  expect(new Shop().sync()).toBe(1);
  expect(await traceIds('method_calls_total')).toEqual([]);
});

test('a source that throws changes nothing for the caller', async () => {
  setExemplarSource(() => {
    throw new Error('no tracer');
  });
  expect(new Shop().sync()).toBe(1);
  expect(await faults()).toBeGreaterThan(0);
});
