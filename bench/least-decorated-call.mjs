// The least that a decorated call takes in a library for any method of any class, next to promark:
// node bench/least-decorated-call.mjs

import { CountExceptions, Counted, InProgress, setExemplarSource, Timed } from 'promark';
import { readCommandLine } from '../scripts/program.mjs';
import { LEAST, setLeastSource } from './decorators/least.mjs';
import { decorate, loop, sequence } from './decorators/loops.mjs';
import { surround, TRACE } from './decorators/subjects.mjs';
import { nanosecondsPerCall } from './harness/loop.mjs';
import { countOnlyAt, fullSpeedHere, Samples } from './harness/samples.mjs';

const DECORATORS = {
  least: LEAST,
  promark: { Timed, Counted, InProgress, CountExceptions },
};

const WORK = {
  counted: { what: '@Counted', decorator: 'Counted' },
  inProgress: { what: '@InProgress', decorator: 'InProgress' },
  timed: { what: '@Timed', decorator: 'Timed' },
  traced: { what: '@Timed with an exemplar source', decorator: 'Timed', isTraced: true },
  asynchronous: { what: '@Timed on an async method', decorator: 'Timed', isAsync: true },
};

class Plain {
  method() {}
  async asyncMethod() {
    await undefined;
  }
}
const bare = { sync: loop(new Plain(), (subject) => subject.method()), async: sequence(new Plain(), 'asyncMethod') };

class Subject {
  method() {}
  async asyncMethod() {
    await undefined;
  }
}

async function measured(by, { decorator, isAsync = false, isTraced = false }) {
  const decorators = DECORATORS[by];
  if (decorators !== undefined) {
    decorate(Subject, 'method', decorators[decorator]());
    decorate(Subject, 'asyncMethod', decorators[decorator]());
    await surround(decorators);
  }
  const calls = {
    sync: decorators === undefined ? bare.sync : loop(new Subject(), (subject) => subject.method()),
    async: decorators === undefined ? bare.async : sequence(new Subject(), 'asyncMethod'),
  };
  if (isTraced) {
    setLeastSource(() => TRACE);
    setExemplarSource(() => TRACE);
  }
  countOnlyAt(fullSpeedHere(3000));
  if (!isAsync) return nanosecondsPerCall(calls.sync, { sampleMs: 1, samples: 600 });
  const durations = new Samples(1800);
  while (durations.wanted()) {
    const start = performance.now();
    await calls.async(2000);
    durations.add(performance.now() - start);
  }
  return (Math.min(...durations.values) * 1e6) / 2000;
}

// Each in its own process, so that none is compiled for what another has seen.
const [flag, by, work] = process.argv.slice(2);
if (flag !== '--one') {
  readCommandLine(import.meta.url);
  const { spawnSync } = await import('node:child_process');
  for (const [name, { what }] of Object.entries(WORK)) {
    const ofEach = ['bare', 'least', 'promark'].map((one) => {
      const { stdout } = spawnSync(process.execPath, [import.meta.filename, '--one', one, name], { encoding: 'utf8' });
      return `${one} ${stdout.trim()} ns`;
    });
    console.log(`${what}: ${ofEach.join(', ')}`);
  }
} else {
  console.log((await measured(by, WORK[work])).toFixed(1));
}
