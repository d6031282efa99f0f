import type { Ending, Watch } from './ending.js';

/** One call of a method whose work has not started. Several objects may start it, such as a query and its clone. */
interface PendingCall {
  readonly watch: Watch;
  begun: boolean;
}

interface Pending {
  readonly calls: PendingCall[];
  /** Stops watching the object. */
  readonly unwatch: () => void;
}

/** The calls that wait for the work of an object to start. */
const pending = new WeakMap<object, Pending>();

/** Whether calls wait for the work of an object to start. */
export function isPending(object: object): boolean {
  return pending.has(object);
}

/**
 * Makes calls wait for an object's work. `watch` makes the object report when its work starts, and returns a function
 * that stops that; it is called once per object, even if several calls return the object. Throws what `watch` throws.
 */
export function addPending(object: object, calls: readonly PendingCall[], watch: () => () => void): void {
  const known = pending.get(object);
  if (known === undefined) pending.set(object, { calls: [...calls], unwatch: watch() });
  else known.calls.push(...calls.filter((call) => !known.calls.includes(call)));
}

/** The calls that wait for an object's work. */
export function pendingCalls(object: object): readonly PendingCall[] {
  return pending.get(object)?.calls ?? [];
}

/**
 * Called when the work of an object starts: its calls no longer wait. Returns them, or undefined if there were none.
 */
export function beginPending(object: object): StartedCalls | undefined {
  const known = pending.get(object);
  if (known === undefined) return undefined;
  pending.delete(object);
  known.unwatch();
  const calls = known.calls.filter(({ begun }) => !begun);
  return calls.length === 0 ? undefined : new StartedCalls(calls);
}

/** Calls whose work has started together. They end once, with the first report. */
export class StartedCalls implements Watch {
  private ended = false;

  constructor(readonly calls: readonly PendingCall[]) {
    this.resume();
  }

  pause(): void {
    for (const call of this.calls) {
      call.begun = false;
      call.watch.pause();
    }
  }

  resume(): void {
    for (const call of this.calls) {
      call.begun = true;
      call.watch.resume();
    }
  }

  end(ending: Ending, outcome: unknown): void {
    if (this.ended) return;
    this.ended = true;
    for (const { watch } of this.calls) watch.end(ending, outcome);
  }

  newRun(): Watch {
    return new StartedCalls(this.calls.map(({ watch }) => ({ watch: watch.newRun(), begun: false })));
  }
}
