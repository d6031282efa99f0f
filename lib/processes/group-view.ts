import { processWide } from '../model/process-wide.js';

/** What a thread needs to know to render the pages of a shared registry, as plain data that can be posted. */
export interface GroupView {
  /** The folder. */
  readonly dir: string;
  /** The label that distinguishes processes. */
  readonly workerLabel: string;
  /** The value of that label for this process. */
  readonly worker: string;
  /** Start time of this process in milliseconds since the epoch. */
  readonly startedAt: number;
  /** The ids of this registry's own files, which are not read: their values are available directly. */
  readonly ids: ReadonlySet<string>;
  /** Seconds between writes of the file; 0 if it is mapped, undefined if the registry has no file. */
  readonly writeIntervalSeconds: number | undefined;
}

type Listener = (view: GroupView | undefined) => void;

interface GroupState {
  view: GroupView | undefined;
  readonly listeners: Set<Listener>;
}

/** Shared by all copies of promark in the process. */
const views = processWide('groupViews.v1', () => new WeakMap<object, GroupState>());

/** Sets the group view of a registry; undefined if it no longer shows other processes. */
export function setGroupView(registry: object, view: GroupView | undefined): void {
  const state = stateOf(registry);
  state.view = view;
  for (const listener of state.listeners) listener(view);
}

/**
 * Calls a listener now, if the registry shows other processes, and on every change. Returns a function that removes it.
 */
export function followGroupView(registry: object, listener: Listener): () => void {
  const { view, listeners } = stateOf(registry);
  if (view !== undefined) listener(view);
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Returns the group view of a registry, or undefined if it shows no other processes. */
export function groupViewOf(registry: object): GroupView | undefined {
  return views.get(registry)?.view;
}

function stateOf(registry: object): GroupState {
  const state = views.get(registry) ?? { view: undefined, listeners: new Set() };
  views.set(registry, state);
  return state;
}
