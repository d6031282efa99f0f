import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { endWithTests, plainEnvironment } from '../support/processes.js';

/** What a worker of the pool is to count, and how it is to end afterwards. */
export interface Order {
  readonly queue: string;
  readonly by: number;
  readonly ending?: 'exit' | 'crash' | undefined;
  /** Whether it makes a counter that the main thread defines with other labels. */
  readonly differs?: boolean;
  /** What follows in a turn of its own. The worker reports in the middle of it. */
  readonly turn?: Turn;
  /** How many threads below the worker, of which each starts the next one, the one is that is to do it. Default: 0. */
  readonly nested?: number;
}

/** How the main thread removes what is counted for the queue `a`, or more than that. */
export type Forgetting =
  | 'remove'
  | 'removeMatching'
  | 'zero'
  | 'reset'
  | 'resetMetrics'
  | 'removeSingleMetric'
  | 'clear';

/** A turn of the event loop that lasts until there is a file. In it, a worker counts `by` for each queue. */
export interface Turn {
  readonly queues: readonly string[];
  readonly by: number;
  /** What is done to the queues before they are counted. */
  readonly first?: 'remove' | 'reset' | 'zero';
  readonly until: string;
}

/** The data of the pool's program. */
export type Command =
  | { readonly do: 'start'; readonly turn?: Turn | undefined }
  | { readonly do: 'order'; readonly worker: number; readonly order: Order }
  | ({ readonly do: 'count' } & Order)
  | { readonly do: 'terminate'; readonly worker: number }
  | { readonly do: 'page'; readonly scope?: 'thread' | 'process' }
  | { readonly do: 'switch'; readonly on: boolean }
  | { readonly do: 'serve' }
  /** Removes or resets series in the main thread; with `terminating`, as soon as that worker has ended. */
  | { readonly do: 'forget'; readonly how: Forgetting; readonly terminating?: number }
  /** Blocks the main thread until there is a file. */
  | { readonly do: 'block'; readonly until: string; readonly ending?: 'exit' };

/** A running pool. */
export interface Pool {
  readonly process: ChildProcess;
  /** Gives a command, and returns the answer. */
  tell(command: Command): Promise<unknown>;
  page(scope?: 'thread'): Promise<string>;
  /** Starts a worker, and returns its id. */
  start(turn?: Turn): Promise<number>;
  order(worker: number, order: Order): Promise<unknown>;
}

/** Starts the program of a pool. */
export async function startPool(program: string): Promise<Pool> {
  const child = fork(program, {
    env: plainEnvironment(),
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  endWithTests(child);
  await once(child, 'message');
  const tell = async (command: Command): Promise<unknown> => {
    child.send(command);
    for (;;) {
      const [message] = (await once(child, 'message')) as [{ answer?: unknown } | string];
      if (typeof message === 'object') return message.answer;
    }
  };
  return {
    process: child,
    tell,
    page: async (scope) => String(await tell({ do: 'page', ...(scope && { scope }) })),
    start: async (turn) => Number(await tell({ do: 'start', turn })),
    order: (worker, order) => tell({ do: 'order', worker, order }),
  };
}
