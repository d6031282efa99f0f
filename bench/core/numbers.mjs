import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { check, nanosecondsPerCall, random } from '../harness/loop.mjs';

/** Maximum length of a number in bytes. */
const ROOM = 32;
/** More strings than the engine caches. */
const COUNT = 1 << 18;

/** Numbers as found on pages: fractions with all digits, sums of durations, and rounded values. */
const KINDS = {
  fraction: ['random fractions below 1 000', (next) => next() * 1000],
  sum: ['sums of durations', sums()],
  short: ['fractions of six decimals', (next) => Math.round(next() * 1e9) / 1e6],
};

/** Writes doubles to bytes, compared with `String(x)` and a loop over its characters. */
export default {
  name: 'numbers',
  rows: Object.entries(KINDS).map(([value, [what]]) => ({
    work: `writing ${what}`,
    value,
    unit: 'ns',
    against: 'own',
    limit: `String(x), ${value}`,
    atMost: 0.5,
  })),
  work: { promark: writing },
};

function sums() {
  let sum = 0;
  return (next) => {
    sum += 0.03 * Math.exp(2 * next() - 1);
    return sum;
  };
}

async function writing(options) {
  const writeNumber = await sourceOf('lib/formats/write-number.ts', 'writeNumber');
  const into = Buffer.alloc(ROOM);
  const numbers = {};
  for (const [kind, [, draw]] of Object.entries(KINDS)) {
    const next = random(9);
    const values = Float64Array.from({ length: COUNT }, () => draw(next));
    for (const value of values) {
      check(
        into.toString('latin1', 0, writeNumber(into, 0, value)) === String(value),
        `${value} was written incorrectly`,
      );
    }
    let length = 0;
    const loop = (write) =>
      nanosecondsPerCall((n) => {
        for (let i = 0; i < n; i++) length += write(into, 0, values[i & (COUNT - 1)]);
      }, options);
    numbers[kind] = loop(writeNumber);
    numbers[`String(x), ${kind}`] = loop(writeString);
    check(length > 0, 'nothing was written');
  }
  return numbers;
}

function writeString(into, at, value) {
  const text = String(value);
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** Imports a function from promark's sources that the package does not export. */
async function sourceOf(file, name) {
  const require = createRequire(import.meta.url);
  const root = dirname(dirname(require.resolve('promark')));
  const { build } = await import('esbuild');
  const options = { bundle: true, write: false, format: 'esm', platform: 'node', target: 'es2022' };
  const { outputFiles } = await build({ ...options, entryPoints: [join(root, file)] });
  return (await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`))[name];
}
