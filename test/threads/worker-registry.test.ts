import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseText, Registry, WorkerRegistry } from 'promark';
import { sampleValue } from 'promark/testing';
import { buildPrograms } from '../exporters/programs.js';
import { endWithTests, plainEnvironment, repository } from '../support/processes.js';

interface Printed {
  readonly page: string;
  readonly count: number;
}

let programs: Awaited<ReturnType<typeof buildPrograms>>;

beforeAll(async () => {
  programs = await buildPrograms('test/threads/worker-registry.program.ts');
});

afterAll(() => programs?.remove());

/** What the program prints with a client. */
async function printedWith(...client: string[]): Promise<Printed[]> {
  const child = spawn(process.execPath, [programs.path('worker-registry.program.ts'), ...client], {
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithTests(child);
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  await once(child, 'close');
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Printed);
}

/** The values of a page by name and labels, however bounds are printed. */
function valuesOf(page: string): Record<string, number> {
  const samples = parseText(page).flatMap((family) => family.samples);
  const entries = samples.map(({ name, labels, value }): [string, number] => {
    const { le, ...others } = labels;
    return [`${name} ${JSON.stringify({ ...others, ...(le && { le: Number(le) }) })}`, value];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('WorkerRegistry', () => {
  test('shows workers, and these alone, as @prometheus-io/client does', async () => {
    const [own, peer] = await Promise.all([printedWith(), printedWith('@prometheus-io/client', repository)]);
    expect(own.map(({ count }) => count)).toEqual([0, 3, 2]);
    expect(own.map(({ count }) => count)).toEqual(peer.map(({ count }) => count));
    expect(own[0].page).toBe('');
    expect(own[0].page).toBe(peer[0].page);
    expect(valuesOf(own[1].page)).toEqual(valuesOf(peer[1].page));
    expect(await sampleValue(own[1].page, 'by_average', { queue: 'all' })).toBe(8);
    // What a worker has counted stays. Its gauges leave the page, where the peer keeps those with the aggregator sum.
    const isGauge = (name: string) => name.startsWith('by_');
    const countsOf = ({ page }: Printed) => Object.entries(valuesOf(page)).filter(([name]) => !isGauge(name));
    expect(countsOf(own[2])).toEqual(countsOf(peer[2]));
    expect(await sampleValue(own[2].page, 'jobs_total', { queue: 'last' })).toBe(1);
    expect(await sampleValue(own[2].page, 'by_sum', { queue: 'all' })).toBe(15);
    expect(own[2].page).not.toContain('elsewhere');
  });

  test('adds up what getMetricsAsJSON has returned, and refuses anything but a registry', async () => {
    const lists = [[{ name: 'a', help: 'A', type: 'gauge', aggregator: 'max', values: [{ labels: {}, value: 1 }] }]];
    expect(await WorkerRegistry.aggregate(lists as never).metrics()).toContain('a 1');
    expect(() => WorkerRegistry.setRegistries({} as Registry)).toThrow('takes registries, got an object');
    expect(() => WorkerRegistry.setRegistries([new Registry()])).not.toThrow();
  });
});
