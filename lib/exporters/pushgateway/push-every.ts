import { constants } from 'node:os';
import { ConfigError, show } from '../../model/errors.js';
import type { PushParameters } from './push-parameters.js';

/** What is pushed again and again, and how. */
export interface PushEveryParameters extends PushParameters {
  /** Whether the group's other families stay, as with `pushAdd`. Default: false. */
  readonly add?: boolean;
  /** Is told of every push that fails. Should it fail itself, that is counted and told, too. */
  readonly onError?: (error: unknown) => void;
  /**
   * At which signals there is a last push. A signal that nobody else listens to ends the process afterwards, as it would
   * have at once. Default: SIGINT and SIGTERM.
   */
  readonly signals?: readonly NodeJS.Signals[];
}

/** How a loop pushes, with the defaults. */
export interface PushEverySettings {
  readonly add: boolean;
  readonly onError: ((error: unknown) => unknown) | undefined;
  readonly signals: readonly NodeJS.Signals[];
  readonly group: PushParameters;
}

const DEFAULT_SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

/** Checks what a loop is told and puts the defaults in. Throws ConfigError. */
export function checkPushEvery(given: PushEveryParameters | undefined): PushEverySettings {
  const { add = false, onError, signals = DEFAULT_SIGNALS, ...group } = given ?? {};
  if (onError !== undefined && typeof onError !== 'function') {
    throw new ConfigError(`The option onError of pushEvery is a function, not ${show(onError)}.`);
  }
  if (!Array.isArray(signals)) {
    throw new ConfigError(`The option signals of pushEvery is a list such as ['SIGTERM'], not ${show(signals)}.`);
  }
  for (const signal of signals) {
    // Those two end or halt a process whatever it wants.
    if (Object.hasOwn(constants.signals, signal) && signal !== 'SIGKILL' && signal !== 'SIGSTOP') continue;
    throw new ConfigError(`The option signals of pushEvery: a process can listen to no signal called ${show(signal)}.`);
  }
  return { add, onError, signals, group };
}
