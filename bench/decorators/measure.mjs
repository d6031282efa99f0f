// One measurement in this process: `node measure.mjs <subject> <alone|among> <speed|garbage> <options>`. Started by run.mjs.
import { check, nanosecondsPerCall } from '../harness/loop.mjs';
import { PEERS } from './peers.mjs';
import { SUBJECTS, surround } from './subjects.mjs';

const [name, company, what, given] = process.argv.slice(2);
const options = JSON.parse(given);

if (company === 'among') await surround();
const method = SUBJECTS[name] ?? (await load(PEERS[name]));
if (method === undefined) console.log(JSON.stringify({ missing: true }));
else if (what === 'garbage') await collectGarbage();
else console.log(JSON.stringify({ nanoseconds: name.startsWith('async') ? await asyncSpeed() : await syncSpeed() }));

async function load(peer) {
  try {
    return await peer();
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

async function syncSpeed() {
  const nanoseconds = nanosecondsPerCall(method, options);
  // Some decorators record nothing at all until they are set up in the right way.
  check((await method.recorded?.()) !== 0, `${name} has recorded nothing`);
  return nanoseconds;
}

/** The same for work that has to be awaited: of all samples the shortest counts. */
async function asyncSpeed() {
  const calls = 2000;
  let best = Infinity;
  for (let i = 0; i < options.samples * 10; i++) {
    const start = performance.now();
    await method(calls);
    best = Math.min(best, performance.now() - start);
  }
  return (best * 1e6) / calls;
}

/** Ten million calls once the code is compiled; the parent counts the collections between the two lines. */
async function collectGarbage() {
  for (let i = 0; i < 20; i++) await method(100_000);
  console.log('begin');
  await method(1e7);
  console.log('end');
}
