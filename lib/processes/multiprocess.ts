import { beforeExit, signalsRule } from '../model/before-exit.js';
import { builtin, clusterModule, isMainThread } from '../model/load-at-runtime.js';
import { checkLabelName } from '../model/names.js';
import { checkOptions, type OptionRules, rule } from '../model/options.js';
import { GROUP_FOLDER, groupFolder, processWide, SHARED_REGISTRIES } from '../model/process-wide.js';
import { defaultRegister } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { registryRule } from '../registry/registry-options.js';
import { Folder } from './folder.js';
import { Group, wipeIfAlone } from './group.js';
import { GroupMerging } from './group-merging.js';
import { followGroupView, setGroupView } from './group-view.js';
import { labelsBy, workerName } from './identity.js';
import { mapFile } from './mapping.js';
import { RegistryFile } from './registry-file.js';
import { temporaryFolder } from './temporary-folder.js';

/** Options that the primary of a cluster passes to its workers, in addition to the folder. */
const OPTIONS = 'PROMARK_MULTIPROCESS_OPTIONS';

/** Options of `multiprocess`. */
export interface MultiprocessOptions {
  /**
   * The folder that the processes share. It is created with mode 700 if it does not exist. Default:
   * `PROMETHEUS_MULTIPROC_DIR`; without it, a temporary folder for this process and those it starts or, in a cluster
   * worker, for all workers.
   */
  readonly dir?: string | undefined;
  /** The registry to share. Default: `register`. */
  readonly registry?: Registry | undefined;
  /**
   * The label that distinguishes processes on gauges that show each process separately (`aggregate: 'all'`). Default:
   * `pid`.
   */
  readonly workerLabel?: string | undefined;
  /** Whether to map the file, so that `kill -9` loses nothing. Default: true if possible. */
  readonly mapped?: boolean | undefined;
  /** Milliseconds between writes of a file that is not mapped. Default: 250. */
  readonly flushIntervalMs?: number | undefined;
  /**
   * Whether a separate thread writes a file that is not mapped, even while this thread is blocked. It takes a few
   * megabytes. Default: true in main threads.
   */
  readonly thread?: boolean | undefined;
  /**
   * Milliseconds between runs of `collect` functions and collectors for the pages of other processes; 0 for never.
   * Default: 5000.
   */
  readonly refreshIntervalMs?: number | undefined;
  /** Whether to accept a folder that other users can write to. Default: false. */
  readonly allowSharedFolder?: boolean | undefined;
  /** Whether to delete the values of earlier processes if none of the group is running. Default: 'never'. */
  readonly wipe?: 'never' | 'when-alone' | undefined;
  /** Signals on which a file that is not mapped is written before the process ends. Default: none. */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
}

/** A registry that is shared with other processes. */
export interface Multiprocess {
  /** The folder. */
  readonly dir: string;
  /** Whether each increment survives `kill -9` immediately. */
  readonly isMapped: boolean;
  /** Writes the last values and stops sharing. From then on, pages show this process only. */
  end(): void;
}

/** With methods for internal use. */
interface SharedRegistry extends Multiprocess {
  /** The ids of all files that the registry has had. */
  readonly ids: ReadonlySet<string>;
  /** Updates the file, including `collect` functions and collectors. */
  write(): Promise<void>;
  /** Stops sharing and removes everything recorded so far. */
  withdraw(): void;
}

const RULES: OptionRules<MultiprocessOptions> = {
  // An empty path would be the current folder.
  dir: { expected: 'the path of a folder', accepts: (value) => typeof value === 'string' && value !== '' },
  registry: registryRule,
  workerLabel: rule.string,
  mapped: rule.boolean,
  flushIntervalMs: rule.milliseconds,
  thread: rule.boolean,
  refreshIntervalMs: rule.wholeNumber(0, 2 ** 31 - 1),
  allowSharedFolder: rule.boolean,
  wipe: rule.oneOf('never', 'when-alone'),
  signals: signalsRule,
};

/** The shared registries. One map for all copies of promark in the process. */
const shared = processWide(SHARED_REGISTRIES, () => new Map<Registry, SharedRegistry>());

/**
 * Shares a registry with the other processes of a group: the page of each process shows the values of all of them,
 * including those that have ended. In the primary of a `node:cluster`, workers join automatically.
 *
 * Setting `PROMETHEUS_MULTIPROC_DIR` does the same for the default registry, without a call. Throws ConfigError for
 * invalid options and unusable folders.
 *
 * @example
 * if (cluster.isPrimary) {
 *   multiprocess({ dir: '/dev/shm/shop' });
 *   for (let i = 0; i < 4; i++) cluster.fork();
 *   await startHttpServer(9100);
 * }
 */
export function multiprocess(options: MultiprocessOptions = {}): Multiprocess {
  checkOptions<MultiprocessOptions>('multiprocess', options, RULES);
  const { registry = defaultRegister, workerLabel } = options;
  if (workerLabel !== undefined) checkLabelName(workerLabel, 'multiprocess');
  const known = shared.get(registry);
  if (known !== undefined) return known;
  const folder = new Folder(options.dir ?? groupFolder() ?? temporaryFolder(), options.allowSharedFolder ?? false);
  folder.open();
  if (clusterModule().isPrimary && registry === defaultRegister) announce(folder.path, options);
  return share(registry, folder, options);
}

/** Adds the values of a folder's processes to the pages of a registry, except those of the registry `without`. */
export function collectFrom(registry: Registry, dir: string, without?: Registry): void {
  // Then its pages show the group already.
  if (shared.get(registry)?.dir === builtin('node:path').resolve(dir)) return;
  const description = {
    dir,
    workerLabel: 'pid',
    worker: String(process.pid),
    startedAt: 0,
    writeIntervalSeconds: undefined,
  };
  const merging = new GroupMerging({ ...description, ids: NONE }, registry.faults);
  const show = (ids: ReadonlySet<string>) => {
    merging.view = { ...description, ids };
    setGroupView(registry, merging.view);
  };
  if (without === undefined) show(NONE);
  else followGroupView(without, (view) => show(view?.ids ?? NONE));
  registry.setMerging(merging);
}

/**
 * Adds up the values of an ended process and removes its file. This also happens automatically at the next scrape. Does
 * nothing for a process that is still running.
 */
export async function markProcessDead(pid: number, dir: string | undefined = groupFolder()): Promise<void> {
  const folders = new Set([...[...shared.values()].map((one) => one.dir), ...(dir ? [dir] : [])]);
  for (const path of folders) {
    const group = new Group(new Folder(path, true), () => new Set(), labelsBy('pid'), defaultRegister.faults);
    await group.read();
    if (group.all.some(({ isDead, reader }) => isDead && reader.identity.pid === pid)) group.fold();
    group.close();
  }
}

/** Shares a registry as the environment variables specify. Problems with the folder are logged, not thrown. */
export function shareByEnvironment(registry: Registry): void {
  try {
    const options = JSON.parse(process.env[OPTIONS] ?? '{}') as MultiprocessOptions;
    const folder = new Folder(groupFolder() ?? '', options.allowSharedFolder ?? false);
    if (!shared.has(registry)) share(registry, folder, options);
  } catch (error) {
    registry.faults.warn(
      `The metrics of this process are not shared with other processes: ${(error as Error).message}`,
    );
  }
}

function share(registry: Registry, folder: Folder, options: MultiprocessOptions = {}): SharedRegistry {
  const {
    flushIntervalMs = 250,
    refreshIntervalMs = 5000,
    mapped = true,
    workerLabel = 'pid',
    thread = isMainThread(),
  } = options;
  if (options.wipe === 'when-alone') wipeIfAlone(folder);
  const isMappable = folder.fileSystem === 'mappable';
  const map = mapped && isMappable ? mapFile() : undefined;
  const worker = workerName();
  const file = new RegistryFile(registry, folder, { map, flushMs: flushIntervalMs, thread, worker });
  const description = {
    dir: folder.path,
    workerLabel,
    worker: labelsBy(workerLabel)({ pid: process.pid, ...(worker && { worker }) })[workerLabel],
    startedAt: Date.now(),
  };
  const view = () => ({
    ...description,
    ids: file.ids,
    writeIntervalSeconds: file.isMapped ? 0 : flushIntervalMs / 1000,
  });
  const merging = new GroupMerging(view(), registry.faults);
  file.changed = () => {
    merging.view = view();
    setGroupView(registry, merging.view);
  };
  file.changed();
  registry.setMerging(merging);
  if (!file.isMapped) {
    registry.faults.warn(
      `Metrics are written to ${folder.path} every ${flushIntervalMs} ms: if this process is killed, it loses what it recorded ` +
        `since the last write. ${isMappable ? 'Install the package "koffi" to lose nothing.' : 'Use a folder in memory to lose nothing.'}`,
    );
  }
  const refresh = refreshEvery(refreshIntervalMs, () => void file.refresh());
  const atExit = () => file.end();
  process.on('exit', atExit);
  const { signals = [] } = options;
  const cancelExitTask = signals.length > 0 ? beforeExit(signals, async () => file.flush(), true) : undefined;
  const handle: SharedRegistry = {
    dir: folder.path,
    ids: file.ids,
    get isMapped() {
      return file.isMapped;
    },
    end() {
      file.end();
      for (const timer of refresh) clearInterval(timer);
      registry.setMerging(undefined);
      setGroupView(registry, undefined);
      merging.group.close();
      process.off('exit', atExit);
      cancelExitTask?.();
      shared.delete(registry);
      if (announced === folder.path && registry === defaultRegister) {
        delete process.env[GROUP_FOLDER];
        delete process.env[OPTIONS];
      }
    },
    async write() {
      await file.refresh();
      file.flush();
    },
    withdraw() {
      handle.end();
      file.remove();
    },
  };
  shared.set(registry, handle);
  return handle;
}

/** Milliseconds before a new process first runs collectors; by then, most of its metrics exist. */
const FIRST_REFRESH_MS = 250;

function refreshEvery(intervalMs: number, refresh: () => void): readonly NodeJS.Timeout[] {
  if (intervalMs === 0) return [];
  const timers = [setTimeout(refresh, Math.min(intervalMs, FIRST_REFRESH_MS)), setInterval(refresh, intervalMs)];
  for (const timer of timers) timer.unref?.();
  return timers;
}

const NONE: ReadonlySet<string> = new Set();

/** Shares a registry in the folder of a group, unless it is shared already. */
export function shareIn(dir: string, registry: Registry): void {
  if (!shared.has(registry)) share(registry, new Folder(dir, false));
}

/** Shares these registries instead of the default one. */
export function shareOnly(registries: readonly Registry[]): void {
  const dir = shared.get(defaultRegister)?.dir ?? groupFolder();
  if (dir === undefined) return;
  if (!registries.includes(defaultRegister)) shared.get(defaultRegister)?.withdraw();
  for (const registry of registries) shareIn(dir, registry);
}

/** Updates the files of all shared registries of this process. */
export async function writeAll(): Promise<void> {
  await Promise.all(Array.from(shared.values(), (one) => one.write()));
}

/** The folder that this process put into its environment; undefined if that already named one. */
let announced: string | undefined;

/** Lets child processes join, through the environment variables they inherit. */
function announce(dir: string, { registry: _, dir: __, wipe: ___, ...options }: MultiprocessOptions): void {
  if (groupFolder() === undefined) announced = dir;
  process.env[GROUP_FOLDER] = dir;
  if (Object.keys(options).length > 0) process.env[OPTIONS] = JSON.stringify(options);
}
