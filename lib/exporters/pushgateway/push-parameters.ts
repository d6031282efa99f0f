import type { Groupings } from './group-path.js';

/** Which group is pushed or deleted. */
export interface PushParameters {
  /** The group's `job` label. */
  readonly jobName?: string;
  /** The group's other labels, such as `{ instance: hostname() }`. Default: none. */
  readonly groupings?: Groupings;
  /** Gives up at once; the push then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
