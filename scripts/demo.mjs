// The README's demo: builds promark and the sample shop, opens the shop, and sends customers until Ctrl-C.

import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCommandLine } from './program.mjs';

const { refuse } = readCommandLine(import.meta.url);

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function node(...args) {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
    child.on('error', fail);
    child.on('exit', (code) => (code === 0 ? done() : fail(new Error(`node ${args.join(' ')} ended with ${code}`))));
  });
}

function portFrom(text = '0') {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  return refuse(`PORT must be a whole number from 0 to 65535, got "${text}".`);
}

/** Resolves with the first signal that should end the demo. */
function untilStopped() {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => done(signal));
  });
}

async function demo() {
  const port = portFrom(process.env.PORT);
  console.log('Building …');
  await node('scripts/build.mjs');
  await node('node_modules/typescript-7/bin/tsc', '-b', 'samples/nest-shop');
  // Shop and customers share one process, so that nothing is left behind however it ends.
  const { startShop } = await import('../samples/nest-shop/dist/src/start-shop.js');
  const { runLoad } = await import('../samples/nest-shop/dist/load/run-load.js');
  const { startHttpServer } = await import('../dist/index.js');
  const { app, url } = await startShop(port);
  // The shop records in the default registry, which this server's live page shows.
  const live = await startHttpServer({ port: 0, host: '127.0.0.1' });
  const stop = new AbortController();
  const load = runLoad({ url, signal: stop.signal });
  console.log(`
${new URL('/', live.url)}   ← open this in a browser: what the shop is doing, live

The shop is open and has customers. Its pages are

  ${url}/metrics                                      its metrics
  ${url}/metrics?name[]=orders_total                  orders by tier and result
  ${url}/metrics?name[]=http_request_duration_seconds requests by route and status
  ${url}/metrics?name[]=method_duration_seconds       how long its methods take

or let Prometheus scrape ${new URL(url).host}. The code is in ${join('samples', 'nest-shop')}. Ctrl-C closes the shop.
`);
  try {
    // If the load fails, the demo ends too.
    await Promise.race([untilStopped(), load]);
    stop.abort();
    const { orders } = await load;
    console.log('\nThe shop is closed. Orders by tier and HTTP status:', JSON.stringify(orders));
  } finally {
    await live.close();
    await app.close();
  }
}

try {
  await demo();
} catch (error) {
  console.error(`demo: ${error.message}`);
  process.exitCode = 1;
}
