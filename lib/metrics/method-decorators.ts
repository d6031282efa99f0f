import { type AnyMethod, decorateMember, type TypedMethodDecorator } from '../calls/dialect.js';
import type { Ending } from '../calls/ending.js';
import { measure, type Recorder } from '../calls/measure.js';
import type { Faults } from '../model/faults.js';

/** What a metric's own decorators record on. */
export interface Recording {
  /** The metric's name, for messages. */
  readonly name: string;
  readonly faults: Faults | undefined;
}

/** `@metric.time()`: hands the seconds that each call took to `record`. */
export function timeDecorator<This, V extends AnyMethod>(
  to: Recording,
  record: (seconds: number) => void,
): TypedMethodDecorator<This, V> {
  return recordCalls('time', to, {
    enter: () => performance.now(),
    leave: (start) => record(Math.max(0, (performance.now() - start) / 1000)),
  });
}

/** `@counter.countExceptions()`: calls `record` for each call that fails. */
export function failureDecorator<This, V extends AnyMethod>(
  to: Recording,
  record: () => void,
): TypedMethodDecorator<This, V> {
  return recordCalls('countExceptions', to, {
    enter: () => 0,
    leave: (_token, ending, outcome) => {
      if (ending === 'error' || outcome instanceof Error) record();
    },
  });
}

/** `@gauge.trackInProgress()`: `begin` before each call; what it returns is handed to `end` when the call has ended. */
export function progressDecorator<This, V extends AnyMethod>(
  to: Recording,
  begin: () => number,
  end: (begun: number) => void,
): TypedMethodDecorator<This, V> {
  return recordCalls('trackInProgress', to, { enter: begin, pause: end, leave: end });
}

interface Steps {
  enter(): number;
  pause?(token: number): void;
  leave(token: number, ending: Ending, outcome: unknown): void;
}

function recordCalls<This, V extends AnyMethod>(
  method: string,
  { name, faults }: Recording,
  steps: Steps,
): TypedMethodDecorator<This, V> {
  const decorator = `${name}.${method}`;
  const fault = (error: unknown): void => faults?.instrumentation(`@${decorator}()`, error);
  const recorder: Recorder = { pause: () => {}, resume: steps.enter, ...steps, fault };
  const lookup = { root: undefined, descend: () => undefined, recorder: () => recorder, fault };
  const instrumentation = { reads: 'nothing', readings: [], open: () => lookup, fault } as const;
  return (...on: readonly unknown[]) =>
    decorateMember(decorator, ['method'], on, ({ body }) => measure(body, instrumentation)) as undefined;
}
