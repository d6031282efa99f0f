// The measured methods and the program around them. Decorators are applied as compilers apply legacy ones.
import { CountExceptions, Counted, Histogram, InProgress, setExemplarSource, Timed } from 'promark';
import { keptExemplars, LEAST, setLeastSource } from './least.mjs';
import { decorate, loop, sequence } from './loops.mjs';

const KINDS = ['alpha', 'beta', 'gamma', 'delta'];
const SIZES = ['small', 'medium', 'large', 'huge'];
const TIERS = ['free', 'basic', 'pro', 'team'];

const seconds = new Histogram({ name: 'hand_seconds', help: 'Hand-written' });

/** The same methods without decorators: bare, and instrumented by hand. */
class Plain {
  bare() {}
  byHand() {
    const start = performance.now();
    seconds.observe((performance.now() - start) / 1000);
  }
  async asyncBare() {
    await undefined;
  }
  async asyncByHand() {
    const start = performance.now();
    try {
      await undefined;
    } finally {
      seconds.observe((performance.now() - start) / 1000);
    }
  }
}

/** A hand-written wrapper around an async method. Like a decorator, it cannot measure inside the method. */
function wrapped(body) {
  return function (...args) {
    const start = performance.now();
    return Reflect.apply(body, this, args).then(
      (value) => {
        seconds.observe((performance.now() - start) / 1000);
        return value;
      },
      (error) => {
        seconds.observe((performance.now() - start) / 1000);
        throw error;
      },
    );
  };
}
Plain.prototype.asyncWrapped = wrapped(Plain.prototype.asyncBare);

class Instrumented {
  timed() {}
  timedStaticLabel() {}
  timedArgumentLabel(_kind) {}
  timedThreeLabels(_kind, _size, _tier) {}
  timedWithExemplars() {}
  counted() {}
  inProgress() {}
  async asyncTimed() {
    await undefined;
  }
}
decorate(Instrumented, 'timed', Timed());
decorate(Instrumented, 'timedStaticLabel', Timed({ name: 'static_seconds', labels: { kind: 'a' } }));
decorate(Instrumented, 'timedArgumentLabel', Timed({ name: 'argument_seconds', labels: { kind: (kind) => kind } }));
decorate(
  Instrumented,
  'timedThreeLabels',
  Timed({
    name: 'three_seconds',
    labels: { kind: (kind) => kind, size: (_, size) => size, tier: (_, __, tier) => tier },
  }),
);
decorate(Instrumented, 'timedWithExemplars', Timed());
decorate(Instrumented, 'counted', Counted());
decorate(Instrumented, 'inProgress', InProgress());
decorate(Instrumented, 'asyncTimed', Timed());

/** A method with the least decorator that does the same. */
class Least {
  timed() {}
}
decorate(Least, 'timed', LEAST.Timed());

/** `method(n)` calls it n times; resolves when an async one is done. */
export const SUBJECTS = {
  bare: loop(new Plain(), (subject) => subject.bare()),
  byHand: loop(new Plain(), (subject) => subject.byHand()),
  timed: loop(new Instrumented(), (subject) => subject.timed()),
  timedStaticLabel: loop(new Instrumented(), (subject) => subject.timedStaticLabel()),
  timedArgumentLabel: loop(new Instrumented(), (subject, i) => subject.timedArgumentLabel(KINDS[i & 3])),
  timedThreeLabels: loop(new Instrumented(), (subject, i) =>
    subject.timedThreeLabels(KINDS[i & 3], SIZES[(i >> 2) & 3], TIERS[(i >> 4) & 3]),
  ),
  timedWithExemplars: traced(loop(new Instrumented(), (subject) => subject.timedWithExemplars())),
  leastWithExemplars: Object.assign(traced(loop(new Least(), (subject) => subject.timed())), {
    recorded: keptExemplars,
  }),
  counted: loop(new Instrumented(), (subject) => subject.counted()),
  inProgress: loop(new Instrumented(), (subject) => subject.inProgress()),
  asyncBare: sequence(new Plain(), 'asyncBare'),
  asyncByHand: sequence(new Plain(), 'asyncByHand'),
  asyncWrapped: sequence(new Plain(), 'asyncWrapped'),
  asyncTimed: sequence(new Instrumented(), 'asyncTimed'),
};

/** The labels of an exemplar, as an integration of OpenTelemetry would return them. */
export const TRACE = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' };

/** The same while a trace is active in each call. */
function traced(method) {
  return (n) => {
    for (const set of [setExemplarSource, setLeastSource]) set(() => TRACE);
    method(n);
    for (const set of [setExemplarSource, setLeastSource]) set(undefined);
  };
}

const DECORATORS = { CountExceptions, Counted, InProgress, Timed };

/**
 * A program in which decorators are common: 170 instrumented methods of all kinds, each called often. Code that all of
 * them share is then specialized for none of them.
 */
export async function surround(decorators = DECORATORS) {
  const { CountExceptions, Counted, InProgress, Timed } = decorators;
  const others = [];
  for (let i = 0; i < 24; i++) {
    const Other = class {
      [`field${i}`] = i;
      a(x) {
        return x + 1;
      }
      b(x, y) {
        return x + y;
      }
      c() {
        return { x: 1 };
      }
      d(kind) {
        return kind;
      }
      e(kind) {
        if (kind === 'fail') throw new Error('x');
      }
      f() {}
      async g() {}
    };
    decorate(Other, 'a', Timed());
    decorate(Other, 'b', Timed());
    decorate(Other, 'b', Counted());
    decorate(Other, 'c', InProgress());
    decorate(Other, 'c', CountExceptions());
    decorate(Other, 'd', Timed({ name: 'other_seconds', labels: { kind: (kind) => kind } }));
    decorate(Other, 'e', Counted({ name: 'other_total', labels: { kind: (kind) => kind } }));
    decorate(Other, 'f', Timed({ name: 'summary_seconds', type: 'summary' }));
    decorate(Other, 'g', Timed());
    others.push(new Other());
  }
  for (let i = 0; i < 3000; i++) {
    for (const other of others) {
      other.a(i);
      other.b('a', 'b');
      other.c();
      other.d(KINDS[i & 3]);
      other.e(KINDS[i & 3]);
      other.f();
      if (i % 10 === 0) await other.g();
      if (i % 100 === 0) attempt(() => other.e('fail'));
    }
  }
}

function attempt(work) {
  try {
    work();
  } catch {
    // Only the recording matters.
  }
}
