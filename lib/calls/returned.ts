import { follow, isDeferred } from './deferred.js';
import { type Ending, endingOf, type Watch } from './ending.js';
import { isPlainPromise } from './promises.js';
import type { CallSteps, Recorder } from './recorder.js';

/** Records the end of a call. Never throws. */
export function leave(
  recorder: Recorder,
  token: number,
  ending: Ending,
  outcome: unknown,
  node?: unknown,
  self?: unknown,
  args?: readonly unknown[],
): void {
  try {
    recorder.leave(token, ending, outcome, node, self, args);
  } catch (fault) {
    recorder.fault(fault);
  }
}

/** Like `follow` for a plain promise, but without a watch, because async methods are the most common case. */
export function settled(
  promise: Promise<unknown>,
  recorder: Recorder,
  token: number,
  succeed: CallSteps['succeed'],
  node?: unknown,
): Promise<unknown> {
  return promise.then(
    (value: unknown) => {
      try {
        if (!succeed(recorder, token, value, node)) leave(recorder, token, 'ok', value, node);
      } catch (fault) {
        recorder.fault(fault);
      }
      return value;
    },
    (error: unknown) => {
      leave(recorder, token, endingOf(error), error, node);
      throw error;
    },
  );
}

/** Records a call that has returned an object, now or when its work has ended. Returns the result for the caller. */
export function returned(
  result: object,
  recorder: Recorder,
  token: number,
  node?: unknown,
  self?: unknown,
  args?: readonly unknown[],
): unknown {
  if (args === undefined && isPlainPromise(result)) {
    return settled(result as Promise<unknown>, recorder, token, () => false, node);
  }
  if (!isDeferred(result)) {
    leave(recorder, token, 'ok', result, node, self, args);
    return result;
  }
  const watch = new CallWatch(recorder, token, node, self, args);
  try {
    return follow(result, watch);
  } catch (fault) {
    recorder.fault(fault);
    watch.end('ok', result);
    return result;
  }
}

/** Follows one call from the return of its body to the end of its work. */
class CallWatch implements Watch {
  constructor(
    private readonly recorder: Recorder,
    private token: number,
    private readonly node?: unknown,
    private readonly self?: unknown,
    private readonly args?: readonly unknown[],
  ) {}

  pause(): void {
    try {
      this.recorder.pause(this.token);
    } catch (fault) {
      this.recorder.fault(fault);
    }
  }

  resume(): void {
    try {
      this.token = this.recorder.resume();
    } catch (fault) {
      this.recorder.fault(fault);
    }
  }

  end(ending: Ending, outcome: unknown): void {
    leave(this.recorder, this.token, ending, outcome, this.node, this.self, this.args);
  }

  newRun(): Watch {
    return new CallWatch(this.recorder, 0, this.node, this.self, this.args);
  }
}
