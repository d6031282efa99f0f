import { processWide } from '../../model/process-wide.js';

/** Tasks to run before the process ends, and the listeners that start them. */
interface EndingWork {
  readonly work: Map<object, { signals: readonly NodeJS.Signals[]; run: () => Promise<unknown> }>;
  readonly listeners: Map<string, () => void>;
}

/**
 * Runs a task before the process ends: when it has nothing left to do, or on a signal. If the signal has no other
 * listener, it is raised again afterwards, so that it still ends the process; a second signal in the meantime ends it
 * immediately.
 *
 * @returns A function that cancels the task. A task runs only once.
 */
export function beforeEnd(signals: readonly NodeJS.Signals[], run: () => Promise<unknown>): () => void {
  const key = {};
  const ending = endingWork();
  ending.work.set(key, { signals, run });
  listen(ending, 'beforeExit', () => void start(ending));
  for (const signal of new Set(signals)) listen(ending, signal, () => void endBy(ending, signal));
  return () => {
    ending.work.delete(key);
    tidy(ending);
  };
}

/**
 * Shared by all copies of promark in a process: otherwise each would mistake another's listener for one of the
 * program's own.
 */
function endingWork(): EndingWork {
  return processWide('ending.v1', () => ({ work: new Map(), listeners: new Map() }));
}

function listen({ listeners }: EndingWork, event: string, listener: () => void): void {
  if (listeners.has(event)) return;
  listeners.set(event, listener);
  // First, so that one-time listeners are still counted.
  const emitter: NodeJS.EventEmitter = process;
  emitter.prependListener(event, listener);
}

async function endBy(ending: EndingWork, signal: NodeJS.Signals): Promise<void> {
  const alone = process.listenerCount(signal) === 1;
  forget(ending, signal);
  await start(ending, signal);
  if (alone) process.kill(process.pid, signal);
}

async function start(ending: EndingWork, signal?: NodeJS.Signals): Promise<void> {
  const due = [...ending.work].filter(([, { signals }]) => signal === undefined || signals.includes(signal));
  for (const [key] of due) ending.work.delete(key);
  tidy(ending);
  await Promise.allSettled(due.map(([, { run }]) => run()));
}

/** Removes listeners without a task: listening for a signal keeps it from ending the process. */
function tidy(ending: EndingWork): void {
  const wanted = new Set<string>([...ending.work.values()].flatMap(({ signals }) => signals));
  if (ending.work.size > 0) wanted.add('beforeExit');
  for (const event of ending.listeners.keys()) if (!wanted.has(event)) forget(ending, event);
}

function forget({ listeners }: EndingWork, event: string): void {
  const listener = listeners.get(event);
  if (listener !== undefined) process.off(event, listener);
  listeners.delete(event);
}
