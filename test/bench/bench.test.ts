import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';

const run = promisify(execFile);
const bench = resolve(import.meta.dirname, '../../bench');

/** Benchmarks are plain JavaScript, so that nothing stands between them and what they measure. */
async function load(file: string): Promise<any> {
  return import(`${bench}/${file}`);
}

const shortest = { sampleMs: 0.1, samples: 2, scrapes: 1, quick: true };

describe('the cases of the benchmark', () => {
  test.each(['inc-child', 'summary-error', 'page-1k'])('%s measures what its rows show', async (name) => {
    const { CASES } = await load('harness/cases.mjs');
    const found = CASES.find((one: any) => one.name === name);
    for (const contender of found.contenders.slice(0, 2)) {
      const numbers = await found.run(contender, shortest);
      for (const { value } of found.rows) if (value in numbers) expect(numbers[value]).toBeGreaterThanOrEqual(0);
    }
    const own = await found.run('promark', shortest);
    for (const { value } of found.rows) expect(Number.isFinite(own[value])).toBe(true);
  });

  test('have names of their own', async () => {
    const { CASES } = await load('harness/cases.mjs');
    expect(new Set(CASES.map(({ name }: any) => name)).size).toBe(CASES.length);
  });
});

describe('the verdict on a row', () => {
  const one = { name: 'x' };
  const rounds = [
    { x: { promark: { ns: 2 }, limit: { ns: 1 }, 'prom-client': { ns: 100 }, '@prometheus-io/client': { ns: 30 } } },
    { x: { promark: { ns: 4 }, limit: { ns: 1 }, 'prom-client': { ns: 200 }, '@prometheus-io/client': { ns: 80 } } },
    { x: { promark: { ns: 9 }, limit: { ns: 3 }, 'prom-client': { ns: 90 }, '@prometheus-io/client': { ns: 90 } } },
  ];

  test('takes the median of the ratios of each round, and asks for the target against every peer', async () => {
    const { verdict } = await load('harness/verdict.mjs');
    const row = { work: 'w', value: 'ns', unit: 'ns', against: 'peers' };
    const strict = verdict(one, { ...row, atLeast: 16 }, rounds);
    expect(strict.ratios).toEqual({ 'prom-client': 50, '@prometheus-io/client': 15 });
    expect([strict.promark, strict.met]).toEqual([4, false]);
    expect(verdict(one, { ...row, atLeast: 15 }, rounds).met).toBe(true);
    expect(verdict(one, { ...row, atMost: 0.1 }, rounds).ratios['prom-client']).toBeCloseTo(0.02);
  });

  test('compares with the limit, and has no say where nobody was measured', async () => {
    const { verdict } = await load('harness/verdict.mjs');
    const row = { work: 'w', value: 'ns', unit: 'ns', against: 'limit', atMost: 3 };
    expect(verdict(one, row, rounds)).toMatchObject({ ratios: { limit: 3 }, met: true });
    expect(verdict(one, row, [{ x: { promark: { ns: 1 } } }]).met).toBeUndefined();
    expect(verdict(one, row, [{}])).toBeUndefined();
  });
});

describe('bench/run.mjs', () => {
  test('measures in processes of its own, prints a table and writes the rounds', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'promark-bench-'));
    try {
      const out = join(folder, 'results.json');
      // Without promark: the test is not to depend on a build.
      const args = ['inc-child', '--quick', '--rounds', '2', '--clients', 'limit,prom-client', '--out', out];
      await run(process.execPath, [join(bench, 'run.mjs'), ...args]);
      const results = JSON.parse(await readFile(out, 'utf8'));
      expect(results.rounds).toHaveLength(2);
      expect(results.rounds[0]['inc-child']['prom-client'].inc).toBeGreaterThan(0);
      expect(results).toMatchObject({ node: process.version, verdicts: [] });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('says which cases there are', async () => {
    const failed: any = await run(process.execPath, [join(bench, 'run.mjs'), 'nothing']).catch(
      (error: unknown) => error,
    );
    expect(failed.stderr).toContain('no case begins with nothing; there are inc-child,');
  });
});
