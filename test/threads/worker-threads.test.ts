import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sampleValue } from 'promark/testing';
import { buildPrograms } from '../exporters/programs.js';
import { ask } from '../support/http-client.js';
import { sampleLines } from '../support/page.js';
import { plainEnvironment } from '../support/processes.js';
import { until } from '../support/until.js';
import { type Forgetting, type Pool, startPool, type Turn } from './pool.js';

let programs: Awaited<ReturnType<typeof buildPrograms>>;
let pool: Pool;

beforeAll(async () => {
  programs = await buildPrograms('test/threads/pool.program.ts', 'test/threads/unseen.program.ts');
});

afterAll(() => programs?.remove());

beforeEach(async () => {
  pool = await startPool(programs.path('pool.program.ts'));
});

afterEach(() => void pool?.process.kill('SIGKILL'));

const counted = (page: string, queue: string) => sampleValue(page, 'jobs_total', { queue });

describe('the page of the main thread', () => {
  test('has what worker threads count, and their gauges while they live', async () => {
    await pool.tell({ do: 'count', queue: 'a', by: 1 });
    const before = await pool.page();
    const ids = [await pool.start(), await pool.start()];
    await pool.order(ids[0], { queue: 'a', by: 10 });
    await pool.order(ids[1], { queue: 'b', by: 100 });
    const page = await pool.page();
    expect(await counted(page, 'a')).toBe(11);
    expect(await counted(page, 'b')).toBe(100);
    expect(await sampleValue(page, 'seconds_count')).toBe(3);
    expect(await sampleValue(page, 'seconds_sum')).toBe(111);
    expect(await sampleValue(page, 'sizes', { quantile: '0.5' })).toBe(10);
    expect(await sampleValue(page, 'alive', { kind: 'worker' })).toBe(2);
    for (const id of ids) {
      expect(await sampleValue(page, 'own', { kind: 'worker', worker: String(id) })).toBe(id);
      expect(await sampleValue(page, 'thread_info', { id: String(id), is: 'a worker' })).toBe(1);
    }
    // Those of the process itself are the main thread's, which collects none here.
    expect(page).not.toContain('process_cpu_seconds_total');
    expect(page).toContain('nodejs_heap_size_used_bytes{worker=');
    expect(sampleLines(await pool.page('thread'))).toEqual(sampleLines(before));
  });

  test.each<[string, (worker: number) => Promise<unknown>]>([
    ['is terminated', (worker) => pool.tell({ do: 'terminate', worker })],
    ['exits', (worker) => pool.order(worker, { queue: 'last', by: 5, ending: 'exit' })],
    ['crashes', (worker) => pool.order(worker, { queue: 'last', by: 5, ending: 'crash' })],
  ])('keeps what a worker thread counted that %s', async (how, end) => {
    await pool.tell({ do: 'count', queue: 'a', by: 1 });
    const worker = await pool.start();
    await pool.order(worker, { queue: 'a', by: 10 });
    await end(worker);
    const page = await until('the end of the worker', async () => {
      const page = await pool.page();
      return page.includes('alive{') ? undefined : page;
    });
    expect(await counted(page, 'a')).toBe(11);
    expect(await counted(page, 'last')).toBe(how === 'is terminated' ? undefined : 5);
    expect(await sampleValue(page, 'seconds_count')).toBe(how === 'is terminated' ? 2 : 3);
    expect(await sampleValue(page, 'highest', { kind: 'worker' })).toBe(worker);
    expect(page).not.toMatch(/own\{|thread_info|nodejs_heap/);
    const next = await pool.start();
    await pool.order(next, { queue: 'a', by: 100 });
    expect(await counted(await pool.page(), 'a')).toBe(111);
  });

  test('has what threads count that a worker thread has started, and keeps it when either ends', async () => {
    const worker = await pool.start();
    await pool.order(worker, { queue: 'nested', by: 3, nested: 1 });
    expect(await counted(await pool.page(), 'nested')).toBe(3);
    expect(await sampleValue(await pool.page(), 'alive', { kind: 'worker' })).toBe(2);
    await pool.order(worker, { queue: 'nested', by: 4, nested: 1, ending: 'exit' });
    await until('the end of the nested thread', async () => {
      return (await sampleValue(await pool.page(), 'alive', { kind: 'worker' })) === 2;
    });
    expect(await counted(await pool.page(), 'nested')).toBe(7);
    await pool.tell({ do: 'terminate', worker });
    await until('the end of all threads', async () => !(await pool.page()).includes('alive{'));
    expect(await counted(await pool.page(), 'nested')).toBe(7);
  });

  test('has at once what threads count that are nested deeply, and keeps it when the outermost one ends', async () => {
    const worker = await pool.start();
    await pool.order(worker, { queue: 'deep', by: 3, nested: 4 });
    const page = await pool.page();
    expect(await counted(page, 'deep')).toBe(3);
    expect(await sampleValue(page, 'alive', { kind: 'worker' })).toBe(5);
    await pool.order(worker, { queue: 'deep', by: 4, nested: 3, ending: 'exit' });
    expect(await counted(await pool.page(), 'deep')).toBe(7);
    await pool.tell({ do: 'terminate', worker });
    expect(await counted(await pool.page(), 'deep')).toBe(7);
    await until('the end of all threads', async () => !(await pool.page()).includes('alive{'));
    expect(await counted(await pool.page(), 'deep')).toBe(7);
  });

  // Undefined: not on the page. The second worker still runs, and has counted 100 for each queue.
  test.each<[Forgetting, a: number | undefined, b: number | undefined, sizes: number | undefined]>([
    ['remove', 100, 150, 4],
    ['removeMatching', 100, 150, 4],
    ['zero', 100, 150, 4],
    ['reset', 100, 100, 4],
    ['resetMetrics', 100, 100, 2],
    ['removeSingleMetric', 100, 100, 4],
    ['clear', 100, 100, 2],
  ])(
    'no longer has what threads that have ended counted of series that are removed by %s',
    async (how, a, b, sizes) => {
      const workers = [await pool.start(), await pool.start(), await pool.start()];
      const [early, living, late] = workers;
      await pool.order(early, { queue: 'a', by: 10 });
      await pool.order(living, { queue: 'a', by: 100 });
      await pool.order(living, { queue: 'b', by: 100 });
      await pool.order(late, { queue: 'b', by: 50 });
      await pool.tell({ do: 'terminate', worker: early });
      expect(await counted(await pool.page(), 'a')).toBe(110);
      const url = String(await pool.tell({ do: 'serve' }));
      await pool.tell({ do: 'forget', how, terminating: late });
      const served = (await ask(url)).body.toString();
      for (const page of [await pool.page(), served]) {
        expect(await counted(page, 'a')).toBe(a);
        expect(await counted(page, 'b')).toBe(b);
        expect(await sampleValue(page, 'sizes_count')).toBe(sizes);
      }
      await pool.tell({ do: 'terminate', worker: living });
      expect(await counted(await pool.page(), 'a')).toBe(a);
    },
  );

  test.each(['first', 'later'])(
    'has what a thread counts for the first time in its %s turn, before that ends',
    async (which) => {
      const turn: Turn = { queues: ['a', 'b'], by: 10, until: programs.path(`${which} turn`) };
      await pool.tell({ do: 'count', queue: 'a', by: 1 });
      if (which === 'first') await pool.start(turn);
      else await pool.order(await pool.start(), { queue: 'c', by: 10, turn });
      const page = await pool.page();
      expect(await counted(page, 'a')).toBe(11);
      expect(await counted(page, 'b')).toBe(10);
      expect(await sampleValue(page, 'seconds_sum')).toBe(which === 'first' ? 21 : 31);
      expect(await sampleValue(page, 'sizes', { quantile: '0.5' })).toBe(10);
      expect(await sampleValue(page, 'turns_total')).toBe(10);
      expect(await sampleValue(page, 'latest', { queue: 'a' })).toBe(10);
      // Nobody has set it, and the turn may do so.
      expect(await sampleValue(page, 'unset', { queue: 'a' })).toBeUndefined();
      writeFileSync(turn.until, '');
      await until('the end of the turn', async () => {
        return (await sampleValue(await pool.page(), 'unset', { queue: 'a' })) === 0;
      });
      expect(sampleLines(await pool.page())).toEqual(
        expect.arrayContaining(sampleLines(page).filter((line) => /^(jobs|sizes|turns)/.test(line))),
      );
    },
  );

  test.each(['remove', 'reset', 'zero'] as const)(
    'has a turn that begins with %s as far as it got when the thread is terminated',
    async (first) => {
      const worker = await pool.start();
      const turn: Turn = { queues: ['a', 'new'], by: 10, first, until: programs.path('never') };
      await pool.order(worker, { queue: 'a', by: 1, turn });
      const before = await pool.page();
      expect(await counted(before, 'a')).toBe(1);
      expect(await counted(before, 'new')).toBeUndefined();
      expect(await sampleValue(before, 'seconds_sum')).toBe(1);
      expect(await sampleValue(before, 'sizes', { quantile: '0.5' })).toBe(1);
      expect(await sampleValue(before, 'turns_total')).toBe(10);
      await pool.tell({ do: 'terminate', worker });
      const page = await until('the end of the worker', async () => {
        const page = await pool.page();
        return page.includes('alive{') ? undefined : page;
      });
      expect(await counted(page, 'a')).toBe(10);
      expect(await counted(page, 'new')).toBe(10);
      expect(await sampleValue(page, 'seconds_sum')).toBe(20);
      expect(await sampleValue(page, 'seconds_count')).toBe(2);
      expect(await sampleValue(page, 'sizes', { quantile: '0.5' })).toBe(10);
    },
  );

  test.each([
    ['that were started and have counted before promark was loaded', 'late'],
    ['that a thread has started which does not load promark', 'nested'],
  ])('has threads %s, and notices their end', async (_, how) => {
    const { stdout } = await promisify(execFile)(process.execPath, [programs.path('unseen.program.ts'), how], {
      env: plainEnvironment(),
    });
    const { during, after } = JSON.parse(stdout);
    expect(sampleLines(during).sort()).toEqual(['jobs_total 3', 'running 1']);
    expect(sampleLines(after)).toEqual(['jobs_total 3']);
  });

  test('leaves worker threads out if that is switched off, and has them again', async () => {
    const worker = await pool.start();
    await pool.order(worker, { queue: 'a', by: 10 });
    await pool.tell({ do: 'switch', on: false });
    expect(await counted(await pool.page(), 'a')).toBeUndefined();
    await pool.tell({ do: 'switch', on: true });
    expect(await counted(await pool.page(), 'a')).toBe(10);
  });
});

describe('the page of a server in its own thread', () => {
  const scrape = async (url: string) => (await ask(url)).body.toString();

  test('has what worker threads count and have counted, whenever it is started', async () => {
    const early = await pool.start();
    await pool.order(early, { queue: 'a', by: 1 });
    await pool.tell({ do: 'terminate', worker: early });
    const worker = await pool.start();
    await pool.order(worker, { queue: 'a', by: 10 });
    const url = String(await pool.tell({ do: 'serve' }));
    expect(await counted(await scrape(url), 'a')).toBe(11);
    const late = await pool.start();
    await pool.order(late, { queue: 'a', by: 100 });
    await pool.tell({ do: 'terminate', worker });
    const page = await until('the end of the worker', async () => {
      const page = await scrape(url);
      return (await sampleValue(page, 'alive', { kind: 'worker' })) === 1 ? page : undefined;
    });
    expect(await counted(page, 'a')).toBe(111);
    expect(await sampleValue(page, 'sizes', { quantile: '0.5' })).toBe(10);
    await pool.tell({ do: 'switch', on: false });
    expect(await counted(await scrape(url), 'a')).toBeUndefined();
  });

  test('has the families that the newest thread defines, and counts those that are defined differently', async () => {
    const url = String(await pool.tell({ do: 'serve' }));
    await pool.tell({ do: 'count', queue: 'a', by: 1, differs: true });
    const worker = await pool.start();
    await pool.order(worker, { queue: 'a', by: 2, differs: true });
    await scrape(url);
    const conflicts = (page: string) =>
      sampleValue(page, 'promark_conflicting_families_total', { family: 'differs_total' });
    const page = await until('the count of what is left out', async () => {
      const page = await scrape(url);
      return (await conflicts(page)) === undefined ? undefined : page;
    });
    expect(sampleLines(page).filter((line) => line.startsWith('differs'))).toEqual(['differs_total{worker="a"} 2']);
    // Pages of the main thread do not count it once more.
    await pool.page();
    expect(await conflicts(await pool.page())).toBe(1);
  });

  test('has what a worker thread counts that was started by a main thread that is blocked, and has ended', async () => {
    const url = String(await pool.tell({ do: 'serve' }));
    const blocked = once(pool.process, 'message');
    const release = programs.path('release');
    const end = pool.tell({ do: 'block', until: release, ending: 'exit' });
    await blocked;
    const page = await until('the count of the worker', async () => {
      const page = await scrape(url);
      return (await counted(page, 'blocked')) === 1 ? page : undefined;
    });
    writeFileSync(release, '');
    expect(await sampleValue(page, 'promark_main_thread_responsive')).toBe(0);
    await end;
    expect(await counted(await scrape(url), 'blocked')).toBe(1);
    expect(await counted(await pool.page(), 'blocked')).toBe(1);
  });
});
