import { processWide } from '../model/process-wide.js';

/** What a thread that makes pages of a shared registry has to know: plain data, which can be posted. */
export interface GroupView {
  /** The folder. */
  readonly dir: string;
  /** The label that distinguishes processes. */
  readonly workerLabel: string;
  /** This process's value of it. */
  readonly worker: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The ids of files that are not read, because the values in them are at hand: those of this registry. */
  readonly ids: ReadonlySet<string>;
  /** Seconds between two writes of the file, 0 if it is mapped; undefined if the registry has no file. */
  readonly window: number | undefined;
}

type Listener = (view: GroupView | undefined) => void;

interface Known {
  view: GroupView | undefined;
  readonly listeners: Set<Listener>;
}

/** What registries show of other processes, for all copies of promark in the process. */
const views = processWide('groupViews.v1', () => new WeakMap<object, Known>());

/** Says what a registry shows of other processes; undefined if nothing any more. */
export function setGroupView(registry: object, view: GroupView | undefined): void {
  const known = knownOf(registry);
  known.view = view;
  for (const listener of known.listeners) listener(view);
}

/** Calls a listener now, if the registry shows other processes, and whenever that changes. Returns a function that ends it. */
export function followGroupView(registry: object, listener: Listener): () => void {
  const { view, listeners } = knownOf(registry);
  if (view !== undefined) listener(view);
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** What a registry shows of other processes; undefined if nothing. */
export function groupViewOf(registry: object): GroupView | undefined {
  return views.get(registry)?.view;
}

function knownOf(registry: object): Known {
  const known = views.get(registry) ?? { view: undefined, listeners: new Set() };
  views.set(registry, known);
  return known;
}
