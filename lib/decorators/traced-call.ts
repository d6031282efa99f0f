import type { Ending } from '../calls/ending.js';
import type { Recorder } from '../calls/measure.js';
import { sourcedLabels } from '../metrics/exemplar-source.js';
import type { ExemplarLabels } from '../metrics/exemplars.js';

/** A recorder that can leave an exemplar beside what it records. */
export interface Exemplary extends Recorder {
  leave(...left: [...Parameters<Recorder['leave']>, exemplar?: ExemplarLabels]): void;
}

/**
 * The recorder for a call that begins now. Where there is something to point to, such as an active trace, the call is
 * recorded with an exemplar of it: of what was active when it began, for at its end it may be something else.
 */
export function traced(recorder: Exemplary, family: { readonly enableExemplars?: boolean }): Recorder {
  const exemplar = family.enableExemplars === true ? sourcedLabels() : undefined;
  return exemplar === undefined ? recorder : new TracedCall(recorder, exemplar);
}

class TracedCall implements Recorder {
  constructor(
    private readonly inner: Exemplary,
    private readonly exemplar: ExemplarLabels,
  ) {}

  enter(): number {
    return this.inner.enter();
  }

  pause(mark: number): void {
    this.inner.pause(mark);
  }

  resume(): number {
    return this.inner.resume();
  }

  leave(
    mark: number,
    ending: Ending,
    outcome: unknown,
    spot: unknown,
    self?: unknown,
    args?: readonly unknown[],
  ): void {
    this.inner.leave(mark, ending, outcome, spot, self, args, this.exemplar);
  }

  fault(error: unknown): void {
    this.inner.fault(error);
  }
}
