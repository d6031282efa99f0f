import { load, ofClients, warm } from '../harness/clients.mjs';
import { bytesPerCall, calibrate, FLAGS } from './bytes.mjs';
import { FORMS, leastLoops, loopsOf, TYPES } from './forms.mjs';
import { leastTimer, TIMERS, timerLoops } from './timers.mjs';

const CALLS = 1e7;
/** Enough for the peers and for quick runs, since every call allocates the same. */
const FEWER_CALLS = 1e6;

const bytesRow = (work, value, more) => ({ work, value, unit: 'bytes', against: 'itself', ...more });

/** Less than this is the engine's own, such as compiled code, spread over all calls. */
const NOTHING = 0.05;

/** Every way of recording with a metric type; the metric itself should allocate nothing. */
const types = Object.entries(TYPES).map(([name, type]) => ({
  name: `allocation-${name}`,
  flags: FLAGS,
  work: {
    ...(type.own
      ? { promark: async (options) => recorded(await promark(), type, options) }
      : ofClients((client, options) => recorded(client, type, options))),
    limit: (options) => allOf(leastLoops(), { name: 'limit' }, options),
  },
  limit: "the caller's own objects",
  rows: Object.entries(FORMS).map(([form, { work }]) =>
    bytesRow(`${name}, \`${work.replace('{call}', type.call)}\``, form, { against: 'over', atMost: NOTHING }),
  ),
}));

const timers = {
  name: 'allocation-timers',
  flags: FLAGS,
  work: {
    ...ofClients(async (client, options) => allOf(timerLoops(client), client, options)),
    limit: async (options) => {
      const client = await promark();
      const least = leastTimer(client);
      return allOf(Object.fromEntries(Object.keys(TIMERS).map((name) => [name, least])), client, options);
    },
  },
  limit: 'two clock reads + one observe',
  rows: Object.entries(TIMERS).map(([name, { work }]) => bytesRow(work, name, { against: 'over' })),
};

const DECORATED = {
  timed: 'byHand',
  timedStaticLabel: 'byHand',
  timedArgumentLabel: 'byHand',
  counted: 'bare',
  inProgress: 'bare',
};

const decorated = {
  name: 'allocation-decorators',
  flags: FLAGS,
  work: {
    promark: (options) => methods(Object.keys(DECORATED), options),
    limit: (options) => methods(Object.values(DECORATED), options),
  },
  limit: 'the same by hand',
  rows: Object.keys(DECORATED).map((name) => bytesRow(`method, ${name}`, name, { against: 'over', atMost: NOTHING })),
};

/** Bytes allocated per call, by metric type and way of calling. The method is calibrated in each process. */
export default {
  plan: { full: { rounds: 1 } },
  cases: [...types, timers, decorated],
};

/** Includes StateSet, which the peers lack. */
async function promark() {
  return { ...(await load('promark')), StateSet: (await import('promark')).StateSet };
}

async function recorded(client, type, options) {
  await warm(client);
  return allOf(loopsOf(client, type), client, options);
}

async function methods(names, options) {
  const { SUBJECTS } = await import('../decorators/subjects.mjs');
  const loops = Object.keys(DECORATED).map((name, i) => [name, SUBJECTS[names[i]]]);
  return allOf(Object.fromEntries(loops), { name: 'promark' }, options);
}

async function allOf(loops, { name }, { quick }) {
  const calls = quick || name !== 'promark' ? FEWER_CALLS : CALLS;
  const bytes = await calibrate();
  for (const [form, loop] of Object.entries(loops)) bytes[form] = await bytesPerCall(loop, calls);
  return bytes;
}
