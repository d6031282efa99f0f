// The least program that makes the first page of 8 processes with 10 000 counters each: node bench/least-group-page.mjs
// It assumes a single counter, intact files, and no writes while it reads.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine } from '../scripts/program.mjs';
import { LABEL_NAMES, methodOf, routeOf, statusOf } from './harness/traffic.mjs';

readCommandLine(import.meta.url);

const PROCESSES = 8;
const SERIES = 10_000;
const HEAD_BYTES = 8;
const folder = mkdtempSync(join(process.platform === 'linux' ? '/dev/shm' : tmpdir(), 'promark-least-'));

/** A file with a value and three label values for each series, as a process leaves it. */
function writeFile(path) {
  const pieces = [];
  for (let i = 0; i < SERIES; i++) {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeDoubleLE(i + 1);
    pieces.push(head);
    for (const text of [methodOf(i), routeOf(i), String(statusOf(i))])
      pieces.push(Buffer.from([text.length]), Buffer.from(text));
  }
  writeFileSync(path, Buffer.concat(pieces));
}

const paths = Array.from({ length: PROCESSES }, (_, i) => join(folder, String(i)));
for (const path of paths) writeFile(path);

const start = performance.now();
const rows = new Map();
const labels = [];
const totals = [];
for (const path of paths) {
  const bytes = readFileSync(path);
  for (let at = 0; at < bytes.length; ) {
    const value = bytes.readDoubleLE(at);
    at += HEAD_BYTES;
    const texts = [];
    for (let i = 0; i < LABEL_NAMES.length; i++) {
      const end = at + 1 + bytes[at];
      texts.push(bytes.latin1Slice(at + 1, end));
      at = end;
    }
    const key = texts.join('\0');
    let row = rows.get(key);
    if (row === undefined) {
      row = rows.size;
      rows.set(key, row);
      labels.push(texts);
      totals.push(0);
    }
    totals[row] += value;
  }
}
const read = performance.now();
let page = '# HELP requests_total Requests\n# TYPE requests_total counter\n';
for (let row = 0; row < totals.length; row++) {
  const pairs = LABEL_NAMES.map((name, i) => `${name}="${labels[row][i]}"`);
  page += `requests_total{${pairs.join(',')}} ${totals[row]}\n`;
}
const { length } = Buffer.from(page);
const end = performance.now();
console.log(
  `${(end - start).toFixed(0)} ms: ${(read - start).toFixed(0)} ms to read ${PROCESSES} × ${SERIES} series, ` +
    `${(end - read).toFixed(0)} ms to write ${totals.length} in ${length} bytes`,
);
rmSync(folder, { recursive: true });
