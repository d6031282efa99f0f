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

/** What the program of the pool is told. */
export type Command =
  | { readonly do: 'start' }
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
  start(): Promise<number>;
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
    start: async () => Number(await tell({ do: 'start' })),
    order: (worker, order) => tell({ do: 'order', worker, order }),
  };
}
