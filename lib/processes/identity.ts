import { builtin, clusterModule, isClusterWorker } from '../model/load-at-runtime.js';
import { ownTid, startTicksOf } from '../model/os-thread.js';

const fs = builtin('node:fs');

/**
 * Identifies the writer of a file. A process id is not enough: it is reused, and refers to another process in another
 * container.
 */
export interface Identity {
  /** 128 random bits, also the name of the file. */
  readonly id: string;
  /** The boot of the machine. */
  readonly boot: string;
  /** The inode of the pid namespace; 0 if there are none. */
  readonly pidNamespace: number;
  readonly pid: number;
  /** The operating system's thread id; for the main thread, the pid. */
  readonly tid: number;
  /** Start time of the thread in kernel ticks since boot; empty if unknown. */
  readonly startTicks: string;
  readonly uid: number;
  /** Start time in milliseconds since the epoch. */
  readonly startedAt: number;
  /** The id of the file that this one replaces. */
  readonly replaces?: string;
  /** The process's own name, for the label that distinguishes its series from those of other processes. */
  readonly worker?: string;
}

/** The scope in which a process id is unique: the part of an identity that all threads of a process share. */
type PidScope = Pick<Identity, 'boot' | 'pidNamespace' | 'uid'>;

let pidScope: PidScope | undefined;

/** The boot, pid namespace and user of this process. */
export function ownPidScope(): PidScope {
  pidScope ??= {
    boot: read('/proc/sys/kernel/random/boot_id') ?? builtin('node:os').hostname(),
    pidNamespace: inodeOf('/proc/self/ns/pid'),
    uid: process.geteuid?.() ?? 0,
  };
  return pidScope;
}

/** 128 random bits. */
export const newId = (): string => builtin('node:crypto').randomBytes(16).toString('hex');

/** Creates a new identity for this thread. */
export function newIdentity(more: Partial<Pick<Identity, 'id' | 'replaces' | 'worker'>> = {}): Identity {
  const tid = ownTid() ?? process.pid + builtin('node:worker_threads').threadId;
  return {
    id: newId(),
    ...ownPidScope(),
    pid: process.pid,
    tid,
    startTicks: startTicksOf(process.pid, tid) ?? '',
    startedAt: Date.now(),
    ...more,
  };
}

/** Returns a function from identities to the labels of a process's own series. */
export function labelsBy(label: string) {
  return ({ pid, worker }: Pick<Identity, 'pid' | 'worker'>) => ({
    [label]: label === 'pid' ? String(pid) : (worker ?? String(pid)),
  });
}

/** The number of a cluster worker, or of a PM2 instance. */
export function workerName(): string | undefined {
  const { NODE_APP_INSTANCE: instance } = process.env;
  if (instance !== undefined || !isClusterWorker()) return instance;
  const { worker } = clusterModule();
  return worker && String(worker.id);
}

/** Whether a process is running: `unknown` if it cannot be seen from here. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/**
 * Whether the thread with this identity is running. Only processes of the same boot and pid namespace can be seen;
 * the others are unknown, and must not be treated as dead.
 */
export function livenessOf(identity: Identity): Liveness {
  const { boot, pidNamespace } = ownPidScope();
  if (identity.boot !== boot || identity.pidNamespace !== pidNamespace) return 'unknown';
  if (identity.startTicks !== '') {
    const ticks = startTicksOf(identity.pid, identity.tid);
    if (ticks === undefined) return 'unknown';
    return ticks === identity.startTicks ? 'alive' : 'dead';
  }
  // Linux without /proc: containers cannot be distinguished.
  if (process.platform === 'linux') return 'unknown';
  try {
    process.kill(identity.pid, 0);
    return 'alive';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'dead' : 'unknown';
  }
}

function inodeOf(path: string): number {
  try {
    return fs.statSync(path).ino;
  } catch {
    return 0;
  }
}

function read(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
