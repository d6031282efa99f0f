import type { FamilyDescriptor } from '../model/descriptor.js';
import type { FamilyLog } from '../store/family-log.js';
import type { Registrable } from './metric-registry.js';

/** A metric that can say where its numbers lie, so that others read them without asking it. */
export interface Described {
  /** Whether other threads of this process can read the cells. */
  readonly isShared: boolean;
  /** What strangers have to know to read the cells. */
  readonly descriptor: FamilyDescriptor;
  /**
   * Tells a log where the series are that there are, step by step. Series may come and go between two steps: a log that
   * follows from the first step on misses none.
   */
  describe(log: FamilyLog): Iterable<void>;
  /** Tells a log from now on what comes and goes. */
  follow(log: FamilyLog): void;
  unfollow(log: FamilyLog): void;
}

/** Whether another thread can read a metric. Metrics of another copy of promark may be too old for that. */
export function isReadableElsewhere(metric: Registrable): metric is Registrable & Described {
  return 'describe' in metric && 'isShared' in metric && metric.isShared === true;
}
