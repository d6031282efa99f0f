// The least programs that do the work of a first page and of `metrics()`, next to promark: node bench/least-page.mjs

import { isAscii } from 'node:buffer';
import { Counter, Registry } from 'promark';
import { readCommandLine } from '../scripts/program.mjs';

readCommandLine(import.meta.url);

const SERIES = 100_000;
const paths = Array.from({ length: SERIES }, (_, at) => `/api/v1/resources/${at}`);
const registry = new Registry();
const counter = new Counter({
  name: 'requests_total',
  help: 'R',
  labelNames: ['path'],
  maxSeries: 0,
  registers: [registry],
});
for (const [at, path] of paths.entries()) counter.inc({ path }, at);

/** Writes each line as one concatenated string, without escaping, and encodes the page at once. */
function leastPage() {
  let page = '';
  for (let at = 0; at < SERIES; at++) page += `requests_total{path="${paths[at]}"} ${at}\n`;
  return Buffer.from(page, 'latin1');
}

/** Decodes an existing page, and does nothing else. */
function leastString() {
  let text = '';
  for (const chunk of chunks) text += chunk.toString(isAscii(chunk) ? 'latin1' : 'utf8');
  return text;
}

async function timed(what, work) {
  const { user, system } = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const { user: u, system: s } = process.cpuUsage({ user, system });
  console.log(
    `${what}: ${(performance.now() - start).toFixed(1)} ms, ${((u + s) / 1000).toFixed(1)} ms of processor time`,
  );
  return result;
}

await timed('least first page', leastPage);
const page = await timed('first page', () => registry.render());
const chunks = page.chunks.map(({ buffer, byteOffset, length }) => Buffer.from(buffer, byteOffset, length));
for (let round = 0; round < 5; round++) {
  await timed('least metrics(), decoding alone', leastString);
  counter.inc({ path: paths[round] });
  await timed('metrics(), one series changed', () => registry.metrics());
}
