import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MultiProcessCollector, Registry } from 'promark';
import { sampleValue } from 'promark/testing';
import { Pm2, pm2Ruling } from '../support/pm2.js';
import { FIRST_URL } from '../support/processes.js';
import { describeBy } from '../support/required-programs.js';
import { until } from '../support/until.js';
import { type BuiltSample, buildSample } from './built-sample.js';

describeBy(pm2Ruling, 'the sample pm2', () => {
  let sample: BuiltSample;
  let pm2: Pm2;

  beforeAll(async () => {
    sample = await buildSample('pm2');
    pm2 = new Pm2(sample.folder, { PORT: '0', PROMETHEUS_MULTIPROC_DIR: join(sample.folder, 'metrics') });
  });

  afterAll(async () => {
    await pm2.stop();
    await sample.remove();
  });

  test('shows the processes of both modes on one page, with what a killed one has counted', async () => {
    await pm2.run('start', 'ecosystem.config.cjs');
    const url = await until(
      'the address of the shop',
      () => FIRST_URL.exec(pm2.output('shop-out-0'))?.[0],
      () => pm2.describe(),
    );
    // PM2 may hand a connection to a process that is just ending, and then nobody answers it.
    const ask = (path: string) => fetch(`${url}${path}`, { signal: AbortSignal.timeout(10_000) });
    const page = async () => (await ask('/metrics')).text();
    await until(
      'five processes',
      async () => (await sampleValue(await page(), 'promark_multiprocess_processes')) === 5,
    );
    for (let i = 0; i < 20; i++) await (await fetch(url)).text();
    // A page has the orders that its own process has yet to write, which are lost if that one is killed.
    const files = new Registry();
    new MultiProcessCollector(files, { dir: join(sample.folder, 'metrics') });
    await until('all orders', async () => (await sampleValue(await files.metrics(), 'shop_orders_total')) === 20);
    await until('both mailers', async () => (await sampleValue(await page(), 'mailer_ready')) === 2);
    await ask('/crash').catch(() => {});
    const after = await until('another process', async () => {
      const text = await page();
      return (await sampleValue(text, 'promark_multiprocess_processes')) === 5 && text;
    });
    const counted = await sampleValue(after, 'shop_orders_total');
    if (counted !== 20) console.error(pm2.describe(), after);
    expect(counted).toBe(20);
    expect(await sampleValue(after, 'mailer_mails_total')).toBeGreaterThan(0);
  });
});
