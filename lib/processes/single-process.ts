import { PromarkError } from '../model/errors.js';
import type * as multiprocessModule from './multiprocess.js';

// What a bundle for browsers and edge runtimes has in place of `multiprocess.ts`: they have no processes that share
// files. The build makes a file of it, and package.json chooses it by the conditions of these bundles.

type MultiprocessModule = typeof multiprocessModule;

export const multiprocess: MultiprocessModule['multiprocess'] = () => {
  throw missing('multiprocess');
};

export const markProcessDead: MultiprocessModule['markProcessDead'] = async () => {
  throw missing('markProcessDead');
};

export const collectFrom: MultiprocessModule['collectFrom'] = () => {
  throw missing('Collecting from other processes');
};

/** Like the other one, it must not throw: the folder comes from the environment. What it means is logged elsewhere. */
export const shareByEnvironment: MultiprocessModule['shareByEnvironment'] = () => {};

export const shareIn: MultiprocessModule['shareIn'] = () => {};

export const shareOnly: MultiprocessModule['shareOnly'] = () => {};

export const writeAll: MultiprocessModule['writeAll'] = async () => {};

function missing(what: string): PromarkError {
  return new PromarkError(
    `${what} is not possible here: this program was bundled for a runtime without processes that share files. For Node, ` +
      'bundle it without the conditions "browser", "workerd" and "edge-light".',
  );
}
