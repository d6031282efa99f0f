import { Contender } from './contender.mjs';
import { CONTENDERS } from './contenders.mjs';

const NAMES = Object.keys(CONTENDERS);
const row = (work, value, unit, more) => ({ work, value, unit, ...more });

/**
 * What measuring costs a Nest app: requests a second, the 99th percentile and processor time a request, with nothing,
 * with promark, and with another module and an interceptor written by hand. On loopback only.
 */
export default {
  plan: {
    full: { rounds: 10, connections: 8, warmSeconds: 4, slices: 40, sliceSeconds: 0.15 },
    quick: { rounds: 2, connections: 8, warmSeconds: 1, slices: 8, sliceSeconds: 0.2 },
  },
  cases: [
    {
      name: 'nest-express',
      contenders: NAMES,
      limit: 'the app as it is',
      together,
      rows: [
        row('requests a second', 'perSecond', '/s', { against: 'limit', better: 'more', atLeast: 0.98 }),
        row('requests a second', 'perSecond', '/s', { against: 'peers', better: 'more' }),
        row('the same, of the least disturbed slices', 'undisturbedPerSecond', '/s', {
          against: 'limit',
          better: 'more',
        }),
        row('processor time of a request', 'cpuMicros', 'µs', { against: 'limit' }),
        row('the same, of the least disturbed slices', 'undisturbedCpuMicros', 'µs', { against: 'limit' }),
        row('99th percentile', 'p99Ms', 'ms', { against: 'limit' }),
      ],
    },
  ],
};

/**
 * A fresh process for each contender. They are asked in turn, a short time each, so that what else the machine does meets
 * all of them; every other turn goes backwards, so that nobody always comes first.
 */
async function together(names, { round, connections, warmSeconds, slices, sliceSeconds }) {
  const contenders = {};
  const turn = (at) => (at % 2 === 0 ? names : [...names].reverse());
  try {
    for (const name of turn(round)) contenders[name] = await Contender.start(name, connections);
    for (const name of turn(round)) await contenders[name].warm(warmSeconds);
    for (let slice = 0; slice < slices; slice++) {
      for (const name of turn(round + slice)) await contenders[name].measure(sliceSeconds);
    }
    return Object.fromEntries(names.map((name) => [name, contenders[name].result()]));
  } finally {
    for (const contender of Object.values(contenders)) await contender.end();
  }
}
