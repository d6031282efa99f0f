import { load, warm } from '../harness/clients.mjs';
import { nanosecondsPerCall } from '../harness/loop.mjs';
import { LABEL_NAMES, methodOf, routeOf, SETS, statusOf } from '../harness/traffic.mjs';

const SIZES = [1_000, 100_000, 1_000_000];

const what = (series) => `\`inc({ a, b, c })\` on 64 of ${series.toLocaleString('en').replaceAll(',', ' ')} series`;

/** The cost of a call as the number of series grows: the calls are spread over all series. */
export default {
  name: 'growth',
  rows: [
    ...SIZES.map((series) => ({ work: what(series), value: `of ${series}`, unit: 'ns', against: 'itself' })),
    ...SIZES.slice(1).map((series) => ({
      work: what(series),
      value: `of ${series}`,
      unit: 'ns',
      against: 'own',
      limit: `of ${SIZES[0]}`,
      atMost: 2,
    })),
  ],
  /** Its chart compares promark with itself. */
  alone: true,
  work: { promark: growing },
};

async function growing({ quick, ...options }) {
  const client = await load('promark');
  await warm(client);
  const registers = [new client.Registry()];
  const counter = new client.Counter({ name: 'c_total', help: 'C', labelNames: LABEL_NAMES, maxSeries: 0, registers });
  const took = {};
  let series = 0;
  for (const size of quick ? SIZES.slice(0, 2) : SIZES) {
    for (; series < size; series++) {
      counter.inc({ method: methodOf(series), route: routeOf(series), status: statusOf(series) });
    }
    const at = Array.from({ length: SETS }, (_, i) => Math.floor((i * size) / SETS));
    const [methods, routes, statuses] = [at.map(methodOf), at.map(routeOf), at.map(statusOf)];
    took[`of ${size}`] = nanosecondsPerCall((n) => {
      for (let i = 0; i < n; i++) {
        const set = i & (SETS - 1);
        counter.inc({ method: methods[set], route: routes[set], status: statuses[set] });
      }
    }, options);
  }
  return took;
}
