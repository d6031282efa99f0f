import { closeSync, constants, openSync, renameSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { Liveness } from './identity.js';
import { TEMPORARY } from './process-file.js';

/** What the socket of a file is called. */
export const socketName = (id: string): string => `${id}.sock`;

/** Bytes of a path that every system takes. */
const LONGEST_PATH = 100;
/** Milliseconds that a connection may take: the kernel answers at once. */
const PATIENCE_MS = 500;

/**
 * Listens on a socket next to a file, for processes in other containers, which do not see this one in `/proc`. The kernel
 * answers, also while this process is blocked. Returns a function that ends it. Without a socket, others go by the last
 * sign of life in the file.
 */
export function listenForOthers(folder: string, id: string): () => void {
  if (process.platform === 'win32') return () => {};
  const server = createServer((connection) => connection.destroy());
  server.on('error', () => {});
  try {
    const temporary = TEMPORARY + socketName(id);
    // In a cluster, the primary would listen otherwise.
    within(folder, temporary, (path) => server.listen({ path, exclusive: true }));
    server.unref();
    // Between binding and listening, a connection is refused as if the process were dead: it has its name only now.
    renameSync(join(folder, temporary), join(folder, socketName(id)));
  } catch {
    // There can be none here.
  }
  return () => void server.close();
}

/** Whether somebody listens on the socket of a file; unknown if there is none. */
export function askSocket(folder: string, id: string): Promise<Liveness> {
  return new Promise((resolve) => {
    try {
      within(folder, socketName(id), (path) => {
        const connection = connect({ path });
        const answer = (liveness: Liveness) => {
          connection.destroy();
          resolve(liveness);
        };
        connection.setTimeout(PATIENCE_MS, () => answer('unknown'));
        connection.once('connect', () => answer('alive'));
        connection.once('error', ({ code }: NodeJS.ErrnoException) => {
          // So many wait to be accepted that no more can.
          answer(code === 'ECONNREFUSED' ? 'dead' : code === 'EAGAIN' ? 'alive' : 'unknown');
        });
      });
    } catch {
      resolve('unknown');
    }
  });
}

/** Calls back with a path that is short enough for a socket: longer ones are cut off in silence. */
function within(folder: string, name: string, use: (path: string) => void): void {
  const path = join(folder, name);
  if (Buffer.byteLength(path) <= LONGEST_PATH) {
    use(path);
    return;
  }
  const fd = openSync(folder, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0));
  try {
    use(`/proc/self/fd/${fd}/${name}`);
  } finally {
    closeSync(fd);
  }
}
