import { check, nanosecondsPerCall } from '../harness/loop.mjs';
import { Samples } from '../harness/samples.mjs';
import { PEERS } from './peers.mjs';

/** Each method, what it is compared with, and what that may cost. */
const METHODS = [
  { name: 'timed', what: '`@Timed`', least: 'byHand', target: { against: 'limit', atMost: 1.5 }, peers: true },
  { name: 'timedStaticLabel', what: '`@Timed`, a label', least: 'byHand', target: { against: 'limit', atMost: 1.7 } },
  {
    name: 'timedArgumentLabel',
    what: '`@Timed`, a label of an argument',
    least: 'byHand',
    target: { against: 'limit', atMost: 2.2 },
  },
  {
    name: 'timedThreeLabels',
    what: '`@Timed`, three labels of arguments',
    least: 'byHand',
    target: { against: 'limit', atMost: 2.5 },
  },
  {
    name: 'timedWithExemplars',
    what: '`@Timed` with an exemplar source',
    least: 'byHand',
    target: { against: 'limit', atMost: 2.5 },
  },
  {
    name: 'timedWithExemplars',
    as: 'timedWithExemplarsBesideLeast',
    what: '`@Timed` with an exemplar source, against the least program',
    least: 'leastWithExemplars',
    target: { against: 'limit', atMost: 2 },
  },
  { name: 'counted', what: '`@Counted`', least: 'bare', target: { against: 'over', atMost: 25 } },
  { name: 'inProgress', what: '`@InProgress`', least: 'bare', target: { against: 'over', atMost: 25 } },
  {
    name: 'asyncTimed',
    what: '`@Timed` on an async method',
    least: 'asyncByHand',
    target: { against: 'limit', atMost: 1.3 },
  },
  {
    name: 'asyncTimed',
    as: 'asyncTimedBesideWrapper',
    what: '`@Timed` on an async method, against a wrapper by hand',
    least: 'asyncWrapped',
    target: { against: 'limit', atMost: 1.2 },
  },
];

const LIMITS = {
  bare: 'the bare call',
  byHand: 'two clock reads + one observe',
  asyncByHand: 'try/finally by hand',
  asyncWrapped: 'a wrapper by hand, with then()',
  leastWithExemplars: 'the least decorator that keeps an exemplar',
};

function methodCase({ name, as = name, what, least, target, peers = false }, among) {
  const subject = (key) => async (options) => {
    const { SUBJECTS, surround } = await import('./subjects.mjs');
    const { LEAST } = await import('./least.mjs');
    // The least program among its own kind: nothing of promark's runs in its process.
    if (among) await surround(key.startsWith('least') ? LEAST : undefined);
    return took(SUBJECTS[key], key.startsWith('async'), options);
  };
  const work = among ? `${what}, among 170 instrumented methods` : what;
  const row = { work, value: 'call', unit: 'ns' };
  return {
    name: among ? `${as}-among` : as,
    work: { promark: subject(name), limit: subject(least), ...(peers && !among && others()) },
    limit: LIMITS[least],
    rows: [{ ...row, ...target }, ...(peers && !among ? [{ ...row, against: 'peers' }] : [])],
  };
}

/** The same with other libraries, if they are installed. */
function others() {
  return Object.fromEntries(
    Object.entries(PEERS).map(([name, make]) => [
      name,
      async (options) => {
        const method = await make().catch((error) => {
          if (!/MODULE_NOT_FOUND$/.test(error.code)) throw error;
        });
        return method && took(method, false, options);
      },
    ]),
  );
}

async function took(method, isAsync, options) {
  if (isAsync) return { call: await asyncTook(method, options) };
  const call = nanosecondsPerCall(method, options);
  // Some decorators record nothing unless they are configured correctly.
  check((await method.recorded?.()) !== 0, 'nothing was recorded');
  return { call };
}

/** The same for asynchronous work; the shortest sample counts. */
async function asyncTook(method, { samples }) {
  const calls = 2000;
  const durations = new Samples(samples * 3);
  while (durations.wanted()) {
    const start = performance.now();
    await method(calls);
    durations.add(performance.now() - start);
  }
  return (Math.min(...durations.values) * 1e6) / calls;
}

/**
 * Instrumented methods, called from one place and among many others that have decorators. Peers are the clients with a timer
 * written by hand; other decorators take part after `npm install` in this folder.
 */
export default {
  plan: { full: { rounds: 7 }, quick: { samples: 5 } },
  cases: METHODS.flatMap((method) => [methodCase(method, false), methodCase(method, true)]),
};
