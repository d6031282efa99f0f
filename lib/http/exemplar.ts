import { isSourced, sourcedLabels } from '../metrics/exemplar-source.js';
import type { ExemplarLabels } from '../metrics/exemplars.js';
import type { Faults } from '../model/faults.js';

/** The source had nothing. Unlike undefined, this keeps a histogram from asking it once more. */
const NOTHING: ExemplarLabels = {};

/**
 * The exemplar of a request: what the source says at the first moment at which it says something. It is asked when the
 * request comes in and when its route is told, and never at the end: `finish` and `close` come from the connection, whose
 * async context may be that of another request, and a pointer to the wrong trace is worse than none. Undefined where
 * there is no source.
 */
export function exemplarOf(so: ExemplarLabels | undefined, faults: Faults): ExemplarLabels | undefined {
  if ((so !== undefined && so !== NOTHING) || !isSourced()) return so;
  try {
    return sourcedLabels() ?? NOTHING;
  } catch (error) {
    faults.instrumentation('exemplar of HTTP metrics', error);
    return NOTHING;
  }
}
