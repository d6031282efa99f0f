import { PromarkError } from '../model/errors.js';
import type * as multiprocessModule from './multiprocess.js';

// What a bundle for browsers and edge runtimes has in place of `multiprocess.ts`: they have no processes that share
// files. The build makes a file of it, and package.json chooses it by the conditions of these bundles.

type Shared = typeof multiprocessModule;

export const multiprocess: Shared['multiprocess'] = () => {
  throw missing('multiprocess');
};

export const markProcessDead: Shared['markProcessDead'] = async () => {
  throw missing('markProcessDead');
};

export const collectFrom: Shared['collectFrom'] = () => {
  throw missing('Collecting from other processes');
};

/** Like the other one, it must not throw: the folder comes from the environment. What it means is logged elsewhere. */
export const shareByEnvironment: Shared['shareByEnvironment'] = () => {};

export const shareIn: Shared['shareIn'] = () => {};

export const shareOnly: Shared['shareOnly'] = () => {};

export const writeAll: Shared['writeAll'] = async () => {};

function missing(what: string): PromarkError {
  return new PromarkError(
    `${what} is not possible here: this program was bundled for a runtime without processes that share files. For Node, ` +
      'bundle it without the conditions "browser", "workerd" and "edge-light".',
  );
}
