import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { Pm2, pm2Ruling } from '../support/pm2.js';
import { repository } from '../support/processes.js';
import { describeBy } from '../support/required-programs.js';
import { until } from '../support/until.js';

const entry = pathToFileURL(join(repository, 'dist/index.js')).href;

/** Serves the default registry, from a thread where it may. */
const source = `
  import { Counter, startHttpServer } from ${JSON.stringify(entry)};
  new Counter({ name: 'jobs_total', help: 'Jobs' }).inc();
  startHttpServer({ port: 0, host: '127.0.0.1' }).then(
    async ({ url }) => {
      const page = await (await fetch(url)).text();
      console.log(url, page.includes('jobs_total 1') ? 'serves' : page);
    },
    (error) => console.log(String(error)),
  );
`;

describeBy(pm2Ruling, 'PM2', () => {
  const endings: (() => unknown)[] = [];

  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  test('in cluster mode runs programs that start a metrics server, and whose instances share its port', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'promark-pm2-'));
    endings.push(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'server.mjs'), source);
    const pm2 = new Pm2(folder);
    endings.push(() => pm2.stop());
    await pm2.run('start', 'server.mjs', '--name', 'server', '-i', '3');
    const lines = await until('a line of each instance', () => {
      const printed = [0, 1, 2].map((instance) => pm2.output(`server-out-${instance}`).trim());
      return printed.every((line) => line !== '') && printed;
    });
    expect(lines[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics serves$/);
    // In a cluster, 0 is the same free port for all.
    expect(lines).toEqual([lines[0], lines[0], lines[0]]);
  });
});
