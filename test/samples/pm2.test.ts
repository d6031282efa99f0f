import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sampleValue } from 'promark/testing';
import { FIRST_URL, plainEnvironment, repository } from '../support/processes.js';
import { describeBy, isExecutable, without } from '../support/required-programs.js';
import { until } from '../support/until.js';
import { type BuiltSample, buildSample } from './built-sample.js';

const program = join(repository, 'node_modules/pm2/bin/pm2');

describeBy(isExecutable(program) ? { verdict: 'run' } : without('no pm2'), 'the sample pm2', () => {
  let sample: BuiltSample;
  let home: string;

  beforeAll(async () => {
    sample = await buildSample('pm2');
    home = join(sample.folder, 'pm2-home');
  });

  const pm2 = (...args: string[]) => {
    const PROMETHEUS_MULTIPROC_DIR = join(sample.folder, 'metrics');
    const env = plainEnvironment({
      PM2_HOME: home,
      PORT: '0',
      PM2_DISABLE_VERSION_CHECK: 'true',
      PROMETHEUS_MULTIPROC_DIR,
    });
    return promisify(execFile)(process.execPath, [program, ...args], { cwd: sample.folder, env });
  };

  /** Ends the daemon, with all that it runs. */
  const kill = () => {
    try {
      process.kill(Number(readFileSync(join(home, 'pm2.pid'), 'utf8')), 'SIGTERM');
    } catch {
      // It is not running.
    }
  };

  afterAll(async () => {
    process.off('exit', kill);
    await pm2('kill');
    await sample.remove();
  });

  test('shows the processes of both modes on one page, with what a killed one has counted', async () => {
    process.on('exit', kill);
    await pm2('start', 'ecosystem.config.cjs');
    const url = await until('the address of the shop', () => {
      return FIRST_URL.exec(readFileSync(join(home, 'logs/shop-out-0.log'), 'utf8'))?.[0];
    });
    const page = async () => (await fetch(`${url}/metrics`)).text();
    await until('five processes', async () => await sampleValue(await page(), 'promark_multiprocess_processes') === 5);
    for (let i = 0; i < 20; i++) await (await fetch(url)).text();
    await until('all orders', async () => await sampleValue(await page(), 'shop_orders_total') === 20);
    await until('both mailers', async () => await sampleValue(await page(), 'mailer_ready') === 2);
    await fetch(`${url}/crash`).catch(() => {});
    const after = await until('another process', async () => {
      const text = await page();
      return await sampleValue(text, 'promark_multiprocess_processes') === 5 && text;
    });
    expect(await sampleValue(after, 'shop_orders_total')).toBe(20);
    expect(await sampleValue(after, 'mailer_mails_total')).toBeGreaterThan(0);
  });
});
