import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Counter, Histogram, Registry, Summary } from 'promark';
import { closeAll, start } from '../servers.js';
import { page } from './page.js';

const Shared = globalThis.SharedArrayBuffer;
let warnings: string[];
let registry: Registry;

beforeEach(() => {
  warnings = [];
  registry = new Registry({ maxSeries: 0, logger: { warn: (message) => warnings.push(message) } });
});

afterEach(async () => {
  restore();
  await closeAll();
});

/** Makes allocations of shared memory fail, except those of a size that `fits` accepts. */
function exhaust(fits: (bytes: number) => boolean = () => false): void {
  globalThis.SharedArrayBuffer = new Proxy(Shared, {
    construct(target, args) {
      if (!fits(args[0])) throw new RangeError('Array buffer allocation failed');
      return Reflect.construct(target, args) as object;
    },
  });
}

function restore(): void {
  globalThis.SharedArrayBuffer = Shared;
}

const labelNames = ['id'] as const;
const series = (text: string) => text.match(/^\w+\{.*$/gm)?.sort();

describe('where no shared memory can be allocated', () => {
  test.each(['cells', 'the journal', 'both'])('for %s, recording goes on and no page lacks series', async (what) => {
    const config = <N extends string>(name: N) => ({ name, help: name, labelNames, registers: [registry] });
    const counter = new Counter(config('c_total'));
    const native = new Histogram({ ...config('native'), native: true });
    const summary = new Summary(config('summary'));
    const record = (from: number, to: number) => {
      for (let id = from; id < to; id++) {
        counter.inc({ id });
        native.observe({ id }, id);
        summary.observe({ id }, id);
      }
    };
    record(0, 2);
    const { url } = await start({ registry, thread: true, port: 0, mainThreadTimeoutMs: 10_000 });
    const isJournal = (bytes: number) => bytes >= 65_536 && bytes <= 1_048_576 && Number.isInteger(Math.log2(bytes));
    if (what === 'cells') exhaust((bytes) => bytes >= 65_536);
    else exhaust(what === 'both' ? undefined : (bytes) => !isJournal(bytes));
    record(2, 300);
    const expected = series(await registry.metrics());
    expect(series(await page(url))).toEqual(expected);
    restore();
    record(300, 600);
    await page(url);
    expect(series(await page(url))).toEqual(series(await registry.metrics()));
    expect(new Set(warnings).size).toBe(warnings.length);
  });

  test('at the start, the server runs in this thread and says so once', async () => {
    new Counter({ name: 'c_total', help: 'c', registers: [registry] }).inc();
    exhaust();
    const { url } = await start({ registry, thread: true, port: 0 });
    expect(await page(url)).toContain('c_total 1');
    expect(warnings).toEqual([expect.stringContaining('Cannot start a thread for the metrics server.')]);
  });
});
