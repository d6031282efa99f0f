import { Contender, leaveAppsAlone } from './contender.mjs';

const row = (work, value, unit, more) => ({ work, value, unit, ...more });

/**
 * The cost of measuring in a Nest app: requests per second, the 99th percentile and processor time per request, with
 * nothing, with promark, and with another module and a hand-written interceptor. Over loopback only.
 */
export default {
  plan: {
    full: { rounds: 10, connections: 8, warmSeconds: 4, slices: 40, sliceSeconds: 0.15 },
    quick: { rounds: 2, connections: 8, warmSeconds: 1, slices: 8, sliceSeconds: 0.2 },
  },
  cases: [
    {
      name: 'nest-express',
      contenders: ['limit', 'promark', 'willsoto'],
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
    {
      name: 'nest-express-least',
      contenders: ['limit', 'promark'],
      limit: 'the least code that measures the same',
      together: (names, plan) => together(names, plan, { limit: 'least' }),
      rows: [
        row('requests a second beside the least code', 'perSecond', '/s', {
          against: 'limit',
          better: 'more',
          atLeast: 0.97,
        }),
        row('processor time of a request beside the least code', 'cpuMicros', 'µs', { against: 'limit' }),
      ],
    },
  ],
};

/**
 * A fresh process for each contender. They receive requests in turn, for a short time each, so that other load on the
 * machine affects all of them; every other turn is reversed, so that none is always first. `apps` names the app of a
 * contender that is not called like it.
 */
async function together(names, { round, connections, warmSeconds, slices, sliceSeconds }, apps = {}) {
  leaveAppsAlone();
  const contenders = {};
  const turn = (at) => (at % 2 === 0 ? names : [...names].reverse());
  try {
    for (const name of turn(round)) {
      contenders[name] = await Contender.start(apps[name] ?? name, connections);
    }
    for (const name of turn(round)) await contenders[name].warm(warmSeconds);
    for (let slice = 0; slice < slices; slice++) {
      for (const name of turn(round + slice)) await contenders[name].measure(sliceSeconds);
    }
    return Object.fromEntries(names.map((name) => [name, contenders[name].result()]));
  } finally {
    for (const contender of Object.values(contenders)) await contender.end();
  }
}
