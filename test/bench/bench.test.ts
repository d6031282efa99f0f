import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const run = promisify(execFile);
const bench = resolve(import.meta.dirname, '../../bench');

/** Benchmarks are plain JavaScript, so that no compiler alters what they measure. */
async function load(file: string): Promise<any> {
  return import(`${bench}/${file}`);
}

const shortest = { sampleMs: 0.1, samples: 2, scrapes: 1, quick: true };

describe('the cases of the benchmark', () => {
  test.each(['inc-child', 'labels-object', 'summary-error', 'page-1k'])(
    '%s measures what its rows show',
    async (name) => {
      const { cases } = (await load('core/group.mjs')).default;
      const { work, rows } = cases.find((one: any) => one.name === name);
      for (const [contender, measure] of Object.entries<any>(work)) {
        const numbers = await measure(shortest);
        for (const { value } of rows) {
          if (contender === 'promark') expect(Number.isFinite(numbers[value])).toBe(true);
          if (value in numbers) expect(numbers[value]).toBeGreaterThanOrEqual(0);
        }
      }
    },
  );

  test('make more calls of one loop, and as many of the others, where instructions are counted', async () => {
    const { CALLS, LONGER, nanosecondsPerCall } = await load('harness/loop.mjs');
    const callsOf = (longer?: string): [string, number] => {
      let calls = 0;
      const name = nanosecondsPerCall((n: number) => (calls += n), { ...shortest, instructions: { longer } });
      return [name, calls];
    };
    const [name] = callsOf();
    const next = name.replace(/\d+/, (number) => String(Number(number) + 1));
    const afterNext = name.replace(/\d+/, (number) => String(Number(number) + 2));
    expect([callsOf(next), callsOf(next)]).toEqual([
      [next, CALLS * LONGER],
      [afterNext, CALLS],
    ]);
  });

  test('are sampled while the core works at full speed, or at any speed if it never does', async () => {
    const { countOnlyAt, Samples, waitForFullSpeed } = await load('harness/samples.mjs');
    const sampled = (limitMs: number): number => {
      const samples = new Samples(3, limitMs);
      while (samples.wanted()) samples.add(1);
      return samples.values.length;
    };
    try {
      countOnlyAt(Infinity);
      expect([waitForFullSpeed(60_000), sampled(60_000)]).toEqual([true, 3]);
      // No core is as fast as that.
      countOnlyAt(0);
      expect([waitForFullSpeed(1), sampled(0)]).toEqual([false, 1]);
    } finally {
      countOnlyAt(undefined);
    }
    expect(sampled(60_000)).toBe(3);
  });

  test('have unique names, as do their contenders and rows', async () => {
    const { contendersOf, GROUPS, loadGroup } = await load('groups.mjs');
    const names: string[] = [];
    for (const name of GROUPS) {
      for (const one of (await loadGroup(name)).cases) {
        names.push(one.name);
        expect(contendersOf(one)).toContain('promark');
        expect(one.rows.length).toBeGreaterThan(0);
      }
    }
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the verdict on a row', () => {
  const one = { name: 'x' };
  const rounds = [
    { x: { promark: { ns: 2 }, limit: { ns: 1 }, 'prom-client': { ns: 100 }, '@prometheus-io/client': { ns: 30 } } },
    { x: { promark: { ns: 4 }, limit: { ns: 1 }, 'prom-client': { ns: 200 }, '@prometheus-io/client': { ns: 80 } } },
    { x: { promark: { ns: 9 }, limit: { ns: 3 }, 'prom-client': { ns: 90 }, '@prometheus-io/client': { ns: 90 } } },
  ];

  test('takes the median of the ratios of all rounds, and requires the target against every peer', async () => {
    const { verdict } = await load('harness/verdict.mjs');
    const row = { work: 'w', value: 'ns', unit: 'ns', against: 'peers' };
    const strict = verdict(one, { ...row, atLeast: 16 }, rounds);
    expect(strict.ratios).toEqual({ 'prom-client': 50, '@prometheus-io/client': 15 });
    expect([strict.promark, strict.met]).toEqual([4, false]);
    expect(verdict(one, { ...row, atLeast: 15 }, rounds).met).toBe(true);
    expect(verdict(one, { ...row, atMost: 0.1 }, rounds).ratios['prom-client']).toBeCloseTo(0.02);
    expect(verdict(one, { ...row, better: 'more' }, rounds).ratios['prom-client']).toBeCloseTo(0.02);
  });

  test('compares with the limit, and gives no verdict when nothing was measured', async () => {
    const { verdict } = await load('harness/verdict.mjs');
    const row = { work: 'w', value: 'ns', unit: 'ns', against: 'limit', atMost: 3 };
    expect(verdict(one, row, rounds)).toMatchObject({ ratios: { limit: 3 }, met: true });
    expect(verdict(one, { ...row, against: 'over' }, rounds)).toMatchObject({ ratios: { limit: 3 }, met: true });
    expect(verdict(one, row, [{ x: { promark: { ns: 1 } } }]).met).toBeUndefined();
    expect(verdict(one, row, [{}])).toBeUndefined();
  });
});

describe('bench/run.mjs', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'promark-bench-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const runBench = (...args: string[]) => run(process.execPath, [join(bench, 'run.mjs'), ...args]);
  const failing = (...args: string[]): Promise<any> => runBench(...args).catch((error: unknown) => error);

  test('measures in separate processes and writes the rounds', async () => {
    const out = join(folder, 'results.json');
    // Without promark, so that the test does not depend on a build.
    const args = ['--filter', 'inc-child', '--quick', '--rounds', '2', '--clients', 'limit,prom-client', '--out', out];
    await runBench('core', ...args);
    const results = JSON.parse(await readFile(out, 'utf8'));
    expect(results.rounds).toHaveLength(2);
    expect(results.rounds[0]['inc-child']['prom-client'].inc).toBeGreaterThan(0);
    expect(Object.keys(results.rounds[1]['inc-child'])).toEqual(['prom-client', 'limit']);
    expect(results).toMatchObject({ machine: { node: process.version }, load: {}, plan: { rounds: 2 }, summary: [] });
  });

  test('compares two builds whose files lie in different places', async () => {
    const old = await build('old', { '.': { import: './far/away.js' } }, 'far/away.js', 1.01);
    const now = await build('new', './index.js', 'index.js', 1.02);
    const args = ['core', '--filter', 'summary-error', '--quick', '--against', old, '--build', now];
    const worse = await failing(...args, '--rounds', '2', '--fail-above', '1.5');
    expect(worse.stdout).toMatch(/summary-error .* 1\.00 % +\| 2\.00 % +\| 2\.000 +\| 2\.000 +\| 2\.000/);
    expect([worse.code, worse.stderr]).toEqual([1, expect.stringContaining('is worse by more than 1.5')]);
    expect((await runBench(...args, '--rounds', '1', '--fail-above', '2.5')).stderr).toBe('');
  });

  test('fails when a build cannot be measured', async () => {
    const old = await build('old', './index.js', 'index.js', 1.01);
    const { code, stderr } = await failing(
      'core',
      '--filter',
      'summary-error,import',
      '--quick',
      '--rounds',
      '1',
      ...['--against', old, '--build', await build('new', './nowhere.js', 'index.js', 1)],
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/summary-error failed: new build: .*nowhere\.js.*import failed/s);
  });

  test('says that instructions cannot be counted without valgrind', async () => {
    const old = await build('old', './index.js', 'index.js', 1);
    const args = ['core', '--filter', 'inc-child', '--against', old, '--build', old, '--instructions'];
    const { code, stderr } = await run(process.execPath, [join(bench, 'run.mjs'), ...args], {
      env: { PATH: folder },
    }).catch((error: unknown) => error as any);
    expect([code, stderr]).toEqual([
      1,
      'bench: inc-child failed: old build: --instructions needs valgrind on the path.\n',
    ]);
  });

  test('lists the groups and the cases', async () => {
    expect((await failing('nothing')).stderr).toContain('expected one of core, native,');
    expect((await failing('--filter', 'nothing')).stderr).toContain(
      'no case starts with nothing; there are inc-child,',
    );
  });

  /** A package whose summary is wrong by a factor. */
  async function build(name: string, exports: unknown, file: string, factor: number): Promise<string> {
    const where = join(folder, name);
    await mkdir(join(where, file, '..'), { recursive: true });
    await writeFile(join(where, 'package.json'), JSON.stringify({ name: 'promark', type: 'module', exports }));
    const summary = `export class Summary {
      values = [];
      constructor({ percentiles }) { this.percentiles = percentiles; }
      observe(value) { this.values.push(value); }
      get() {
        const sorted = Float64Array.from(this.values).sort();
        const at = (rank) => sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] * ${factor};
        return { values: this.percentiles.map((quantile) => ({ labels: { quantile }, value: at(quantile) })) };
      }
    }`;
    await writeFile(join(where, file), summary);
    return where;
  }
});
