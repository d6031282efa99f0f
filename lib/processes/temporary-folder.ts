import { builtin, isClusterWorker } from '../model/load-at-runtime.js';
import { startTicksOf } from '../model/os-thread.js';
import { isFolder } from './folder.js';
import { ownPidScope } from './identity.js';

const fs = builtin('node:fs');
const join = builtin('node:path').join;
/**
 * Temporary folders are named after the pid namespace, pid and start time of their process, plus a random number; those
 * of clusters after their primary, plus a hash of the program that the workers run.
 */
const CLUSTER_FOLDER = /^promark-cluster-(\d+)-(\d+)-(\d+)-[0-9a-f]{16}$/;

/**
 * Returns the path of a folder for a group that has not named one, in memory if possible. All workers of a cluster
 * whose primary does not use promark get the same folder; any other process gets a new one, which is removed when it
 * ends.
 */
export function temporaryFolder(): string {
  const parent = isFolder('/dev/shm') ? '/dev/shm' : builtin('node:os').tmpdir();
  removeEnded(parent);
  const shared = isClusterWorker() ? nameForWorkers() : undefined;
  if (shared !== undefined) return join(parent, shared);
  const path = newFolder(parent);
  // If a signal ends the process, the next process removes the folder.
  process.on('exit', () => fs.rmSync(path, { recursive: true, force: true }));
  return path;
}

function newFolder(parent: string): string {
  const ticks = startTicksOf(process.pid, process.pid);
  if (!ticks) return fs.mkdtempSync(join(parent, 'promark-'));
  const path = join(parent, nameOf(process.pid, ticks, builtin('node:crypto').randomBytes(8).toString('hex')));
  fs.mkdirSync(path, { mode: 0o700 });
  return path;
}

/** @param suffix 16 hexadecimal digits. */
function nameOf(pid: number, ticks: string, suffix: string): string {
  return `promark-cluster-${ownPidScope().pidNamespace}-${pid}-${ticks}-${suffix}`;
}

/** Returns undefined if the primary cannot be distinguished from other processes with its pid. */
function nameForWorkers(): string | undefined {
  const { boot, uid } = ownPidScope();
  const ticks = startTicksOf(process.ppid, process.ppid);
  if (!ticks) return undefined;
  // The program is included because PM2 starts all apps of a machine from one primary.
  const program = [boot, uid, process.argv[1], process.env.pm_exec_path, process.env.name];
  const hash = builtin('node:crypto').createHash('sha256').update(JSON.stringify(program)).digest('hex').slice(0, 16);
  return nameOf(process.ppid, ticks, hash);
}

/**
 * Removes the folders of ended processes, and of clusters whose primary has ended. Workers cannot do this when they
 * end, since none of them knows whether it is the last one.
 */
function removeEnded(parent: string): void {
  const { pidNamespace } = ownPidScope();
  for (const name of fs.readdirSync(parent)) {
    const [, namespace, pid, ticks] = CLUSTER_FOLDER.exec(name) ?? [];
    if (Number(namespace) !== pidNamespace) continue;
    const running = startTicksOf(Number(pid), Number(pid));
    if (running === undefined || running === ticks) continue;
    try {
      fs.rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // It belongs to another user.
    }
  }
}
