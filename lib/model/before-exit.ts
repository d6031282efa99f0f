import { builtin } from './load-at-runtime.js';
import type { OptionRule } from './options.js';
import { processWide } from './process-wide.js';

interface ExitTask {
  readonly signals: readonly NodeJS.Signals[];
  readonly repeats: boolean;
  run(): Promise<unknown>;
}

/** Tasks to run before the process exits, and the listeners that start them. */
interface ExitTasks {
  readonly tasks: Set<ExitTask>;
  readonly listeners: Map<string, () => void>;
}

/** Rule for an option that lists signals. */
export const signalsRule: OptionRule = {
  expected: "a list of signals that a process can handle, such as ['SIGTERM']",
  accepts: (value) => Array.isArray(value) && value.every(isSignal),
};

function isSignal(name: string): boolean {
  // SIGKILL and SIGSTOP cannot be handled.
  return Object.hasOwn(builtin('node:os').constants.signals, name) && name !== 'SIGKILL' && name !== 'SIGSTOP';
}

/**
 * Runs a task before the process exits: when it has nothing left to do, or on a signal. If the signal has no other
 * listener, it is raised again after all tasks, so that it still ends the process; a second signal in the meantime ends
 * it immediately.
 *
 * @param repeats Whether the task runs again if the program handles a signal itself and keeps running. Default: false,
 * so the task runs only once.
 * @returns A function that cancels the task.
 */
export function beforeExit(
  signals: readonly NodeJS.Signals[],
  run: () => Promise<unknown>,
  repeats = false,
): () => void {
  const task: ExitTask = { signals, repeats, run };
  const exit = exitTasks();
  exit.tasks.add(task);
  listen(exit, 'beforeExit', () => void runTasks(exit));
  for (const signal of new Set(signals)) listenForSignal(exit, signal);
  return () => {
    exit.tasks.delete(task);
    removeUnusedListeners(exit);
  };
}

/** Shared by all copies of promark in a process: each would mistake another's listener for one of the program. */
function exitTasks(): ExitTasks {
  return processWide('exitTasks.v1', () => ({ tasks: new Set(), listeners: new Map() }));
}

function listenForSignal(exit: ExitTasks, signal: NodeJS.Signals): void {
  listen(exit, signal, () => void handleSignal(exit, signal));
}

function listen({ listeners }: ExitTasks, event: string, listener: () => void): void {
  if (listeners.has(event)) return;
  listeners.set(event, listener);
  // First, so that one-time listeners are still counted.
  const emitter: NodeJS.EventEmitter = process;
  emitter.prependListener(event, listener);
}

async function handleSignal(exit: ExitTasks, signal: NodeJS.Signals): Promise<void> {
  const isOnlyListener = process.listenerCount(signal) === 1;
  removeListener(exit, signal);
  await runTasks(exit, signal);
  if (isOnlyListener) process.kill(process.pid, signal);
  else if (usedEvents(exit).has(signal)) listenForSignal(exit, signal);
}

async function runTasks(exit: ExitTasks, signal?: NodeJS.Signals): Promise<void> {
  const due = [...exit.tasks].filter(({ signals }) => signal === undefined || signals.includes(signal));
  for (const task of due) if (!task.repeats) exit.tasks.delete(task);
  removeUnusedListeners(exit);
  await Promise.allSettled(due.map((task) => task.run()));
}

/** A listener without tasks would only keep its signal from ending the process. */
function removeUnusedListeners(exit: ExitTasks): void {
  const used = usedEvents(exit);
  for (const event of exit.listeners.keys()) if (!used.has(event)) removeListener(exit, event);
}

function usedEvents({ tasks }: ExitTasks): ReadonlySet<string> {
  return new Set([...tasks].flatMap(({ signals }) => ['beforeExit', ...signals]));
}

function removeListener({ listeners }: ExitTasks, event: string): void {
  const listener = listeners.get(event);
  if (listener !== undefined) process.off(event, listener);
  listeners.delete(event);
}
