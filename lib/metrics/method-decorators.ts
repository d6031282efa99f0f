import { type AnyMethod, decorateMember, type TypedMethodDecorator } from '../calls/dialect.js';
import type { Ending } from '../calls/ending.js';
import { byEnding, measureMember } from '../calls/measure.js';
import { MethodIdentity } from '../calls/method-identity.js';
import type { Instrumentation, Recorder } from '../calls/recorder.js';
import { returned } from '../calls/returned.js';
import { type ExemplarLabels, exemplarOnEntry, hasExemplarSource } from './exemplars.js';
import type { Recording } from './recording.js';

/** `@metric.time()`: calls `record` with the seconds that each call took. */
export function timeDecorator<This, V extends AnyMethod>(
  to: Recording,
  record: (seconds: number, exemplar: ExemplarLabels | undefined) => void,
): TypedMethodDecorator<This, V> {
  return recordCalls('time', to, {
    enter: () => performance.now(),
    leave: (start, _ending, _outcome, exemplar) => record(Math.max(0, (performance.now() - start) / 1000), exemplar),
  });
}

/** `@counter.countExceptions()`: calls `record` for each call that fails. */
export function failureDecorator<This, V extends AnyMethod>(
  to: Recording,
  record: (exemplar: ExemplarLabels | undefined) => void,
): TypedMethodDecorator<This, V> {
  return recordCalls('countExceptions', to, {
    enter: () => 0,
    leave: (_token, ending, outcome, exemplar) => {
      if (ending === 'error' || outcome instanceof Error) record(exemplar);
    },
  });
}

/** `@gauge.trackInProgress()`: calls `begin` before each call, and `end` with its result when the call has ended. */
export function progressDecorator<This, V extends AnyMethod>(
  to: Recording,
  begin: () => number,
  end: (begun: number) => void,
): TypedMethodDecorator<This, V> {
  return recordCalls('trackInProgress', to, { enter: begin, pause: end, leave: end });
}

interface CallSteps {
  enter(): number;
  pause?(token: number): void;
  leave(token: number, ending: Ending, outcome: unknown, exemplar: ExemplarLabels | undefined): void;
}

function recordCalls<This, V extends AnyMethod>(
  method: string,
  to: Recording,
  steps: CallSteps,
): TypedMethodDecorator<This, V> {
  const decorator = `${to.name}.${method}`;
  return (...on: readonly unknown[]) =>
    decorateMember(decorator, ['method'], on, (member) => {
      const identity = new MethodIdentity(member, {});
      // A class that is being defined may not have its name yet: esbuild sets it later.
      let declaring: object | undefined;
      member.onInstance?.((instance) => {
        if (member.isStatic) declaring = instance;
        else identity.find(instance);
      });
      const fault = (error: unknown): void => {
        if (declaring !== undefined) identity.find(declaring);
        to.faults?.instrumentation(`@${decorator}() on ${identity.fullName}`, error);
      };
      return measureMember(member, recordingOf(to, steps, fault), (wrapper) => identity.addWrapper(wrapper));
    }) as never;
}

function recordingOf(to: Recording, steps: CallSteps, fault: (error: unknown) => void): Instrumentation {
  const recorder: ExemplarRecorder = {
    pause: () => {},
    resume: steps.enter,
    ...steps,
    leave: (token, ending, outcome, _node, _self, _args, exemplar) => steps.leave(token, ending, outcome, exemplar),
    fault,
  };
  const lookup = {
    root: undefined,
    descend: () => undefined,
    recorder: () => (hasExemplarSource() ? withExemplar(recorder, to) : recorder),
    fault,
  };
  return {
    wrap: byEnding,
    ends: 'settled',
    readings: [],
    steps: {
      known: lookup.recorder,
      open: lookup.recorder,
      enter: (opened) => opened.enter(),
      succeed: () => false,
      returned: (result, opened, token) => returned(result, opened, token),
    },
    open: () => lookup,
    fault,
  };
}

/** A recorder that can add an exemplar to what it records. */
export interface ExemplarRecorder extends Recorder {
  leave(...left: [...Parameters<Recorder['leave']>, exemplar?: ExemplarLabels]): void;
}

/**
 * The recorder for a call that begins now, if there is an exemplar source. The exemplar is that of the trace that is
 * active when the call begins, because another one may be active at its end.
 */
export function withExemplar(recorder: ExemplarRecorder, family: { readonly enableExemplars?: boolean }): Recorder {
  const exemplar = exemplarOnEntry(family.enableExemplars, (error) => recorder.fault(error));
  return exemplar === undefined ? recorder : new TracedCall(recorder, exemplar);
}

class TracedCall implements Recorder {
  constructor(
    private readonly inner: ExemplarRecorder,
    private readonly exemplar: ExemplarLabels,
  ) {}

  enter(): number {
    return this.inner.enter();
  }

  pause(token: number): void {
    this.inner.pause(token);
  }

  resume(): number {
    return this.inner.resume();
  }

  leave(
    token: number,
    ending: Ending,
    outcome: unknown,
    node: unknown,
    self?: unknown,
    args?: readonly unknown[],
  ): void {
    this.inner.leave(token, ending, outcome, node, self, args, this.exemplar);
  }

  succeed(token: number, result: unknown, node?: unknown): boolean {
    this.inner.leave(token, 'ok', result, node, undefined, undefined, this.exemplar);
    return true;
  }

  fault(error: unknown): void {
    this.inner.fault(error);
  }
}
