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

/** What is pushed again and again, and how. */
export interface PushEveryParameters extends PushParameters {
  /** Whether the group's other families stay, as with `pushAdd`. Default: false. */
  readonly add?: boolean;
  /** Is told of every push that fails. */
  readonly onError?: (error: unknown) => void;
  /**
   * At which signals there is a last push. A signal that nobody else listens to ends the process afterwards, as it would
   * have at once. Default: SIGINT and SIGTERM.
   */
  readonly signals?: readonly NodeJS.Signals[];
}
