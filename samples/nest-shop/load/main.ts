import { parseArgs } from 'node:util';
import { runLoad } from './run-load.js';

const OPTIONS = {
  url: { type: 'string', default: 'http://127.0.0.1:3000' },
  orders: { type: 'string', default: '300' },
  'until-stopped': { type: 'boolean', default: false },
} as const;

/** Ends the program after a line on what is wrong and what is possible. */
function refuse(problem: string): never {
  console.error(
    `load: ${problem}; options are ${Object.keys(OPTIONS)
      .map((name) => `--${name}`)
      .join(', ')}.`,
  );
  process.exit(2);
}

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    return refuse((error as Error).message.split('. ')[0]);
  }
}

const { url, orders: count, 'until-stopped': untilStopped } = readOptions();
if (!URL.canParse(url)) refuse(`--url must be a URL, got "${url}"`);
if (!(Number(count) > 0)) refuse(`--orders must be a number above 0, got "${count}"`);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

const report = await runLoad({ url, orders: untilStopped ? Infinity : Number(count), signal: stop.signal });
console.log(JSON.stringify(report, null, 2));
