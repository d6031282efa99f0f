// The least program that does the work of a first protobuf page, next to promark: node bench/least-protobuf-page.mjs

import { Counter, Registry } from 'promark';
import { readCommandLine } from '../scripts/program.mjs';

readCommandLine(import.meta.url);

const SERIES = 100_000;
const paths = Array.from({ length: SERIES }, (_, at) => `/api/v1/resources/${at}`);
const registry = new Registry();
const config = { name: 'requests_total', help: 'R', labelNames: ['path'], maxSeries: 0, registers: [registry] };
const counter = new Counter(config);
for (const [at, path] of paths.entries()) counter.inc({ path }, at);

const NAME = Buffer.from('path');

/** When each series was made, in milliseconds. */
const created = Float64Array.from(paths, () => performance.timeOrigin + performance.now());

/**
 * Writes each message front to back into one buffer: one label, a value, the time of creation. It knows that all strings
 * are ASCII, all lengths below 128 and all times of the same length, so that nothing is measured or moved.
 */
function leastPage() {
  const bytes = Buffer.allocUnsafe(SERIES * 80);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = 0;
  for (let series = 0; series < SERIES; series++) {
    const path = paths[series];
    const label = NAME.length + path.length + 4;
    bytes[at++] = 0x22;
    bytes[at++] = label + 28;
    bytes[at++] = 0x0a;
    bytes[at++] = label;
    bytes[at++] = 0x0a;
    bytes[at++] = NAME.length;
    for (let i = 0; i < NAME.length; i++) bytes[at++] = NAME[i];
    bytes[at++] = 0x12;
    bytes[at++] = path.length;
    for (let i = 0; i < path.length; i++) bytes[at++] = path.charCodeAt(i);
    bytes[at++] = 0x1a;
    bytes[at++] = 24;
    bytes[at++] = 0x09;
    view.setFloat64(at, series, true);
    at += 8;
    bytes[at++] = 0x1a;
    bytes[at++] = 13;
    const seconds = Math.floor(created[series] / 1000);
    bytes[at++] = 0x08;
    at = varint(bytes, at, seconds);
    bytes[at++] = 0x10;
    at = varint(bytes, at, Math.round((created[series] - seconds * 1000) * 1e6));
  }
  return bytes.subarray(0, at);
}

/** Five bytes for any number of seconds or nanoseconds. */
function varint(bytes, at, number) {
  let rest = number;
  for (let i = 0; i < 4; i++, rest = Math.floor(rest / 128)) bytes[at + i] = (rest & 127) | 128;
  bytes[at + 4] = rest;
  return at + 5;
}

/** The same as objects that an encoder is given, which is how the peers begin a page: nothing is written yet. */
function leastObjects() {
  return paths.map((value, at) => ({ label: [{ name: 'path', value }], counter: { value: at } }));
}

async function timed(what, work) {
  const { user, system } = process.cpuUsage();
  const start = performance.now();
  await work();
  const { user: u, system: s } = process.cpuUsage({ user, system });
  console.log(
    `${what}: ${(performance.now() - start).toFixed(1)} ms, ${((u + s) / 1000).toFixed(1)} ms of processor time`,
  );
}

const accept =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,text/plain;q=0.1';
await timed('least first page', leastPage);
await timed('objects alone, without bytes', leastObjects);
await timed('first page of promark', () => registry.render(accept));
