import { builtin, isClusterWorker } from '../model/load-at-runtime.js';
import { startTicksOf } from '../model/os-thread.js';
import { isFolder } from './folder.js';
import { ownPidScope } from './identity.js';

const fs = builtin('node:fs');
const join = builtin('node:path').join;
/**
 * Names of temporary folders: pid namespace, pid and start time of the process or of the cluster's primary, and a random
 * number or a hash of the program that the workers run.
 */
const CLUSTER_FOLDER = /^promark-cluster-(\d+)-(\d+)-(\d+)-[0-9a-f]{16}$/;

/**
 * Returns the path of a folder to use if no option names one, in memory if possible. All workers of a cluster whose
 * primary does not use promark get the same folder; otherwise it is a new one, which is removed when the process ends.
 */
export function temporaryFolder(): string {
  const parent = isFolder('/dev/shm') ? '/dev/shm' : builtin('node:os').tmpdir();
  removeEnded(parent);
  const ofCluster = isClusterWorker() ? nameForWorkers() : undefined;
  if (ofCluster !== undefined) return join(parent, ofCluster);
  const path = newFolder(parent);
  // A process that a signal ends leaves its folder to the next one.
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

/** @param suffix 16 hexadecimal digits */
function nameOf(pid: number, ticks: string, suffix: string): string {
  return `promark-cluster-${ownPidScope().pidNamespace}-${pid}-${ticks}-${suffix}`;
}

/** Undefined if the primary cannot be distinguished from others with the same pid. */
function nameForWorkers(): string | undefined {
  const { boot, uid } = ownPidScope();
  const ticks = startTicksOf(process.ppid, process.ppid);
  if (!ticks) return undefined;
  // PM2 starts all apps of a machine from one primary.
  const program = [boot, uid, process.argv[1], process.env.pm_exec_path, process.env.name];
  const hash = builtin('node:crypto').createHash('sha256').update(JSON.stringify(program)).digest('hex').slice(0, 16);
  return nameOf(process.ppid, ticks, hash);
}

/**
 * Removes the folders of processes that have ended, and of clusters whose primary has. Workers cannot do this when they end,
 * since none of them knows that it is the last one.
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
