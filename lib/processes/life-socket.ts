import { builtin } from '../model/load-at-runtime.js';
import type { Liveness } from './identity.js';
import { TEMPORARY } from './process-file.js';

const fs = builtin('node:fs');
const join = builtin('node:path').join;
/** The name of a file's socket. */
export const socketName = (id: string): string => `${id}.sock`;

/** Path length in bytes that every system accepts. */
const MAX_PATH_BYTES = 100;
/** Milliseconds allowed for a connection: the kernel answers immediately. */
const TIMEOUT_MS = 500;

/**
 * Listens on a socket next to a file, for processes in other containers, which do not see this one in `/proc`. The
 * kernel answers even while this process is blocked. Returns a function that stops listening. Without a socket, others
 * rely on the last heartbeat in the file.
 */
export function listenForOthers(folder: string, id: string): () => void {
  if (process.platform === 'win32') return () => {};
  const server = builtin('node:net').createServer((connection) => connection.destroy());
  server.on('error', () => {});
  try {
    const temporary = TEMPORARY + socketName(id);
    // In a cluster, the primary would otherwise do the listening.
    within(folder, temporary, (path) => server.listen({ path, exclusive: true }));
    server.unref();
    // Between bind and listen, connections are refused as if the process were dead, so the socket only gets its name
    // now.
    fs.renameSync(join(folder, temporary), join(folder, socketName(id)));
  } catch {
    // Sockets are not possible here.
  }
  return () => void server.close();
}

/** Checks whether a process listens on the socket of a file; unknown if there is no socket. */
export function probeSocket(folder: string, id: string): Promise<Liveness> {
  return new Promise((resolve) => {
    try {
      within(folder, socketName(id), (path) => {
        const connection = builtin('node:net').connect({ path });
        const answer = (liveness: Liveness) => {
          connection.destroy();
          resolve(liveness);
        };
        connection.setTimeout(TIMEOUT_MS, () => answer('unknown'));
        connection.once('connect', () => answer('alive'));
        connection.once('error', ({ code }: NodeJS.ErrnoException) => {
          // The queue of waiting connections is full.
          answer(code === 'ECONNREFUSED' ? 'dead' : code === 'EAGAIN' ? 'alive' : 'unknown');
        });
      });
    } catch {
      resolve('unknown');
    }
  });
}

/** Calls back with a path that is short enough for a socket: longer ones are silently truncated. */
function within(folder: string, name: string, use: (path: string) => void): void {
  const path = join(folder, name);
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) {
    use(path);
    return;
  }
  const fd = fs.openSync(folder, fs.constants.O_RDONLY | (fs.constants.O_DIRECTORY ?? 0));
  try {
    use(`/proc/self/fd/${fd}/${name}`);
  } finally {
    fs.closeSync(fd);
  }
}
