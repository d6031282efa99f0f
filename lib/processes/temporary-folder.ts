import cluster from 'node:cluster';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTicksOf, thisPlace } from './identity.js';

/** What the folders of clusters are called: pid namespace, pid and start of the primary, and which program its workers run. */
const OF_CLUSTER = /^promark-cluster-(\d+)-(\d+)-(\d+)-[0-9a-f]{16}$/;

/**
 * The path of a folder that no option names, in memory where there is a place for that. The workers of a cluster whose
 * primary knows nothing of promark all get the same one; otherwise it is a new one, which is removed when the process ends.
 */
export function temporaryFolder(): string {
  const parent = isFolder('/dev/shm') ? '/dev/shm' : tmpdir();
  const ofCluster = cluster.isWorker ? nameForWorkers() : undefined;
  if (ofCluster !== undefined) {
    removeOfEndedClusters(parent);
    return join(parent, ofCluster);
  }
  const path = mkdtempSync(join(parent, 'promark-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Undefined where the primary cannot be told from others of the same pid. */
function nameForWorkers(): string | undefined {
  const { boot, pidNamespace, uid } = thisPlace();
  const ticks = startTicksOf(process.ppid, process.ppid);
  if (!ticks) return undefined;
  // PM2 starts all apps of a machine from one primary.
  const program = [boot, uid, process.argv[1], process.env.pm_exec_path, process.env.name];
  const hash = createHash('sha256').update(JSON.stringify(program)).digest('hex').slice(0, 16);
  return `promark-cluster-${pidNamespace}-${process.ppid}-${ticks}-${hash}`;
}

/** The workers cannot do it themselves: none of them knows that it is the last one. */
function removeOfEndedClusters(parent: string): void {
  const { pidNamespace } = thisPlace();
  for (const name of readdirSync(parent)) {
    const [, namespace, pid, ticks] = OF_CLUSTER.exec(name) ?? [];
    if (Number(namespace) !== pidNamespace) continue;
    const running = startTicksOf(Number(pid), Number(pid));
    if (running === undefined || running === ticks) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // It belongs to another user.
    }
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
