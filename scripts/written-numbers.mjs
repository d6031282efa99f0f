// Compares how promark writes random doubles with `String(x)`: 10^8 of them by default.
//
//   node scripts/written-numbers.mjs [100000000]
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { readCommandLine, rule } from './program.mjs';

const { operands } = readCommandLine(import.meta.url, { operands: { most: 1, rule: rule.wholeNumber(1) } });
const count = Number(operands[0] ?? 1e8);
const entryPoints = [fileURLToPath(new URL('../lib/formats/write-number.ts', import.meta.url))];
const { outputFiles } = await build({ entryPoints, bundle: true, write: false, format: 'esm', platform: 'node' });
const source = Buffer.from(outputFiles[0].text).toString('base64');
const { MAX_NUMBER_LENGTH, numberText, writeNumber } = await import(`data:text/javascript;base64,${source}`);

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const word = () => Math.floor(Math.random() * 2 ** 32);
const power = (limit) => 10 ** Math.floor(Math.random() * limit);

/** Doubles of all kinds: random bits, and values as found on pages. */
const KINDS = [
  () => {
    words[0] = word();
    words[1] = word();
    return double[0];
  },
  () => {
    words[0] = word();
    words[1] = ((1023 - 25 + Math.floor(Math.random() * 80)) << 20) | (word() & 0xfffff);
    return double[0];
  },
  () => Math.random() * 1000,
  () => (Math.random() * power(22)) / 1e6,
  () => Math.round(Math.random() * 1e15) / power(16),
  () => Math.round(Math.random() * 2 ** 53) / power(20),
  () => -Math.random(),
  () => Math.round(Math.random() * 1e7) * power(12),
  () => Math.round(Math.random() * 1e6) / 1e3 + Math.round(Math.random() * 1e6) / 1e3,
];

const into = Buffer.alloc(MAX_NUMBER_LENGTH);
let wrong = 0;
for (let i = 0; i < count; i++) {
  const value = KINDS[i % KINDS.length]();
  const written = into.latin1Slice(0, writeNumber(into, 0, value));
  if (written === numberText(value)) continue;
  if (wrong < 10) console.error(`${numberText(value)} was written as ${written}`);
  wrong += 1;
}
console.log(`${count} numbers, ${wrong} of them written incorrectly`);
process.exitCode = wrong === 0 ? 0 : 1;
