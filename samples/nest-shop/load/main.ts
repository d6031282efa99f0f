import { parseArgs } from 'node:util';
import { runLoad } from './run-load.js';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:3000' },
    orders: { type: 'string', default: '300' },
    'until-stopped': { type: 'boolean', default: false },
  },
});
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

const orders = values['until-stopped'] ? Infinity : Number(values.orders);
const report = await runLoad({ url: values.url, orders, signal: stop.signal });
console.log(JSON.stringify(report, null, 2));
