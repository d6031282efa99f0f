import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { threadId } from 'node:worker_threads';

/** Who writes a file. A process id alone would not do: it is used again, and it is another process in another container. */
export interface Identity {
  /** 128 random bits, also the name of the file. */
  readonly id: string;
  /** Which boot of which machine. */
  readonly boot: string;
  /** Which pid namespace, by its inode; 0 where there are none. */
  readonly pidNamespace: number;
  readonly pid: number;
  /** The thread, in the numbers of the operating system; the main thread's is the pid. */
  readonly tid: number;
  /** When the thread started, in the kernel's ticks since the boot; empty where that is not known. */
  readonly startTicks: string;
  readonly uid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The file that this one takes the place of. */
  readonly replaces?: string;
  /** What the process calls itself, for the label that distinguishes its series from those of others. */
  readonly worker?: string;
}

/** What identities of one process have in common. */
type Place = Pick<Identity, 'boot' | 'pidNamespace' | 'uid'>;

let here: Place | undefined;

/** The boot, pid namespace and user of this process. */
export function thisPlace(): Place {
  here ??= {
    boot: read('/proc/sys/kernel/random/boot_id') ?? hostname(),
    pidNamespace: inodeOf('/proc/self/ns/pid'),
    uid: process.geteuid?.() ?? 0,
  };
  return here;
}

/** 128 random bits. */
export const newId = (): string => randomBytes(16).toString('hex');

/** A new identity of this thread. */
export function newIdentity(more: Partial<Pick<Identity, 'id' | 'replaces' | 'worker'>> = {}): Identity {
  const tid = ownTid();
  return {
    id: newId(),
    ...thisPlace(),
    pid: process.pid,
    tid,
    startTicks: startTicksOf(process.pid, tid) ?? '',
    startedAt: Date.now(),
    ...more,
  };
}

/** The labels that series of a process have where each process has series of its own. */
export function labelsBy(label: string) {
  return ({ pid, worker }: Pick<Identity, 'pid' | 'worker'>) => ({
    [label]: label === 'pid' ? String(pid) : (worker ?? String(pid)),
  });
}

/** The number of a cluster's worker, or of an instance of PM2. */
export function workerName(): string | undefined {
  const { NODE_APP_INSTANCE: instance } = process.env;
  return instance ?? (cluster.worker === undefined || cluster.worker === null ? undefined : String(cluster.worker.id));
}

/** What is known of a process: alive, dead, or unknown because it cannot be seen from here. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/**
 * Whether the thread that an identity names is running. Only processes of the same boot and pid namespace can be seen;
 * of others this is unknown, and they must not be taken for dead.
 */
export function livenessOf(identity: Identity): Liveness {
  const { boot, pidNamespace } = thisPlace();
  if (identity.boot !== boot || identity.pidNamespace !== pidNamespace) return 'unknown';
  if (identity.startTicks !== '') {
    const ticks = startTicksOf(identity.pid, identity.tid);
    if (ticks === undefined) return 'unknown';
    return ticks === identity.startTicks ? 'alive' : 'dead';
  }
  // Linux without /proc: containers could not be distinguished.
  if (process.platform === 'linux') return 'unknown';
  try {
    process.kill(identity.pid, 0);
    return 'alive';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'dead' : 'unknown';
  }
}

/**
 * The start of a thread, in ticks since the boot: empty if it is not running, undefined if that cannot be read, for
 * instance because too many files are open.
 */
export function startTicksOf(pid: number, tid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ESRCH' ? '' : undefined;
  }
  // The name of the program, in parentheses, may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; only its parent has not looked yet.
  return fields[0] === 'Z' || fields[0] === 'X' ? '' : fields[19];
}

function ownTid(): number {
  try {
    // File operations that are not asynchronous run on the calling thread.
    const tid = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (Number.isInteger(tid) && tid > 0) return tid;
  } catch {
    // There is no /proc.
  }
  return process.pid + threadId;
}

function inodeOf(path: string): number {
  try {
    return statSync(path).ino;
  } catch {
    return 0;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
