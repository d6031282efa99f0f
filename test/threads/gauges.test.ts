import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../exporters/programs.js';
import { plainEnvironment } from '../support/processes.js';

/** What the program prints. */
interface Printed {
  readonly rounds: number;
  readonly wrong: readonly number[];
  readonly computed: readonly string[];
  readonly exited: readonly string[];
  readonly kept: readonly string[];
  readonly own: readonly string[];
}

let programs: Awaited<ReturnType<typeof buildPrograms>>;
let printed: Printed;

beforeAll(async () => {
  programs = await buildPrograms('test/threads/gauges.program.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [programs.path('gauges.program.ts')], {
    env: plainEnvironment(),
  });
  printed = JSON.parse(stdout) as Printed;
});

afterAll(() => programs?.remove());

test('a page has the value that was set last, however soon after another thread had set one', () => {
  expect(printed.rounds).toBe(300);
  expect(printed.wrong).toEqual([0, 0]);
});

test('gauges that a function computes have its value as soon as they are on the page', () => {
  expect(printed.computed.map((line) => line.replace(/worker="\d+"/, 'worker="n"')).sort()).toEqual([
    'computed 3',
    'computed_liveall{worker="n"} 3',
    'computed_min 3',
    'computed_sum 3',
    'computed_total 3',
  ]);
});

test('what functions compute stays if the thread exits before they have run for a page', () => {
  expect(printed.exited.slice().sort()).toEqual(['computed_min 3', 'computed_sum 6', 'computed_total 6']);
});

test('what threads that have ended counted stays when a function of the main thread sets its own count anew', () => {
  expect(printed.kept).toEqual(['computed_total 7', 'computed_total 7']);
});

test('the label of the thread does not take the place of one of the same name', () => {
  expect(printed.own.map((line) => line.replace(/source_worker="\d+"/, 'source_worker="n"')).sort()).toEqual([
    'own{worker="digger",source_worker="n"} 1',
    'own{worker="digger",source_worker="n"} 2',
  ]);
});
