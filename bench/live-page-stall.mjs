// Measures how long the live page holds the event loop of a program that serves it from a handler, in its own thread.
// All series change between two requests. Prints a line for each request.
//
//   npm run build && node bench/live-page-stall.mjs [series ...]      default: 10000 100000
import { execFileSync } from 'node:child_process';
import { createServer, get } from 'node:http';
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { Counter, metricsHandler, Registry } from 'promark';
import { readCommandLine, rule } from '../scripts/program.mjs';

/** Requests after the first one. */
const REQUESTS = 5;

/** Follows the event loop, and returns the longest time between two turns since the last call. */
function followStalls() {
  let [last, longest] = [performance.now(), 0];
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    setImmediate(turn).unref();
  };
  turn();
  return () => {
    const found = longest;
    [last, longest] = [performance.now(), 0];
    return found;
  };
}

function fetchData(port, known) {
  return new Promise((resolve, reject) => {
    const headers = { 'accept-encoding': 'gzip' };
    get({ port, host: '127.0.0.1', path: `/live/live.json?since=${known}`, headers }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const body = Buffer.concat(parts);
        resolve(response.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
      });
    }).on('error', reject);
  });
}

async function measure(count) {
  const registry = new Registry({ maxSeries: 1e7 });
  const calls = new Counter({ name: 'calls_total', help: 'Calls', labelNames: ['a', 'b'], registers: [registry] });
  const children = Array.from({ length: count }, (_, i) => calls.labels(String(i % 100), String(i)));
  const server = createServer(metricsHandler(registry, { page: '/live' }));
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const longestStall = followStalls();
  let known = '';
  for (let i = 0; i <= REQUESTS; i++) {
    for (const child of children) child.inc();
    await pause(1000);
    longestStall();
    const start = performance.now();
    const body = await fetchData(server.address().port, known);
    const [took, stall] = [performance.now() - start, longestStall()].map((ms) => ms.toFixed(1).padStart(6));
    console.log(`${count} series, ${i === 0 ? 'first' : ' next'} request: ${took} ms, longest stall ${stall} ms`);
    const { epoch, seq } = JSON.parse(body.toString());
    known = `${epoch}.${seq}`;
  }
  server.close();
  server.closeAllConnections();
}

const [, script] = process.argv;
const { operands } = readCommandLine(import.meta.url, { operands: { rule: rule.wholeNumber(1) } });
if (operands.length === 1) await measure(Number(operands[0]));
else {
  console.log(`load ${loadavg()[0].toFixed(1)}`);
  // Each in a process of its own, whose code has not been compiled yet.
  for (const count of operands.length > 0 ? operands : ['10000', '100000']) {
    execFileSync(process.execPath, [script, count], { stdio: 'inherit' });
  }
}
