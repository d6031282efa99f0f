import type { Ending } from '../calls/ending.js';

/** A call as label functions, classifiers and values see it. Made only where one of them asks for it. */
export interface SeenCall {
  readonly self: unknown;
  readonly args: readonly unknown[];
  readonly result: unknown;
  readonly error: unknown;
}

const NOTHING: readonly unknown[] = [];

/** The call object, for functions that take one. */
export function seenCall(
  self: unknown,
  args: readonly unknown[] | undefined,
  ending: Ending,
  outcome: unknown,
): SeenCall {
  const ok = ending === 'ok';
  return { self, args: args ?? NOTHING, result: ok ? outcome : undefined, error: ok ? undefined : outcome };
}
