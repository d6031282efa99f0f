import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { scrape } from 'promark/testing';
import { type Program as Running, start } from '../exporters/programs.js';
import { type Prometheus, startPrometheusIn } from '../prometheus/prometheus.js';
import { describeWith } from '../support/required-programs.js';
import { until } from '../support/until.js';
import { type Block, fencesOn } from './blocks.js';
import { type Program, programOf } from './compile.js';

const page = 'docs/tutorial.md';

/** The block that is to be saved in a file. */
function saved(file: string): Block {
  const block = ['ts', 'yaml']
    .flatMap((language) => fencesOn(page, language))
    .find(({ marks }) => marks.includes(file));
  if (block === undefined) throw new Error(`${page} does not say what is in ${file}`);
  return block;
}

describeWith(['prometheus', 'promtool'], 'the tutorial', () => {
  const shop = saved('shop.ts');
  let built: Program;
  let running: Running;
  let prometheus: Prometheus | undefined;

  beforeAll(async () => {
    built = await programOf([shop]);
    await built.build();
    running = await start([process.execPath, built.programOf(shop)]);
  });

  afterAll(async () => {
    await prometheus?.stop();
    running?.process.kill();
    await built?.remove();
  });

  test('has a service that compiles and whose page has the lines that it shows', async () => {
    expect(await built.errors()).toEqual([]);
    const shown = fencesOn(page, '').flatMap(({ code }) => code.trim().split('\n'));
    expect(shown).toHaveLength(3);
    await until('the lines of the tutorial', async () => {
      const { text } = await scrape(running.url);
      return shown.every((line) => text.includes(`\n${line.replace(/ \d+$/, ' ')}`));
    });
  });

  test('has an alert that fires in a Prometheus with its configuration', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'promark-tutorial-'));
    // What takes minutes in the tutorial takes seconds here, and the port is another one.
    const config = saved('prometheus.yml')
      .code.replace('localhost:9100', new URL(running.url).host)
      .replaceAll('5s', '1s');
    const rules = saved('rules.yml').code.replaceAll('[1m]', '[10s]').replace('for: 1m', 'for: 1s');
    await writeFile(join(folder, 'prometheus.yml'), config);
    await writeFile(join(folder, 'rules.yml'), rules);
    const { stdout } = await promisify(execFile)('promtool', ['check', 'config', join(folder, 'prometheus.yml')]);
    expect(stdout).toContain('2 rules found');

    prometheus = await startPrometheusIn(folder);
    const { api } = prometheus;
    const alerts = await until('the alert', async () => {
      const firing = await api.query('ALERTS{alertname="OrdersFail",alertstate="firing"}');
      return firing.length > 0 && firing;
    });
    expect(['gold', 'basic']).toContain(alerts[0]?.labels.tier);
    for (const query of fencesOn(page, 'promql').flatMap(({ code }) => code.trim().split('\n'))) {
      expect(await api.query(query.replaceAll('[1m]', '[10s]'))).not.toEqual([]);
    }
  });
});
