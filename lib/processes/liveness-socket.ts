import { builtin } from '../model/load-at-runtime.js';
import type { Liveness } from './identity.js';
import { TEMPORARY } from './process-file.js';

const fs = builtin('node:fs');
const join = builtin('node:path').join;
/** Returns the name of the socket that belongs to a file. */
export const socketName = (id: string): string => `${id}.sock`;

/** Maximum length of a socket's path in bytes that every system accepts. */
const MAX_PATH_BYTES = 100;
/** Milliseconds allowed for a connection: the kernel answers immediately. */
const TIMEOUT_MS = 500;

/**
 * Listens on a socket next to a file, so that processes in other containers, which do not see this one in `/proc`, know
 * that it is alive. The kernel accepts connections even while this process is blocked. If a socket is not possible,
 * others rely on the last heartbeat in the file. Returns a function that stops listening.
 */
export function listenForOthers(folder: string, id: string): () => void {
  if (process.platform === 'win32') return () => {};
  const server = builtin('node:net').createServer((connection) => connection.destroy());
  server.on('error', () => {});
  try {
    const temporary = TEMPORARY + socketName(id);
    // Exclusive, because otherwise the primary of a cluster would listen.
    withShortPath(folder, temporary, (path) => server.listen({ path, exclusive: true }));
    server.unref();
    // Only now does the socket get its name: between bind and listen, connections are refused as if the process were
    // dead.
    fs.renameSync(join(folder, temporary), join(folder, socketName(id)));
  } catch {
    // The file system does not support sockets.
  }
  return () => void server.close();
}

/** Resolves to whether a process listens on the socket of a file; `unknown` if there is no socket. */
export function probeSocket(folder: string, id: string): Promise<Liveness> {
  return new Promise((resolve) => {
    try {
      withShortPath(folder, socketName(id), (path) => {
        const connection = builtin('node:net').connect({ path });
        const answer = (liveness: Liveness) => {
          connection.destroy();
          resolve(liveness);
        };
        connection.setTimeout(TIMEOUT_MS, () => answer('unknown'));
        connection.once('connect', () => answer('alive'));
        connection.once('error', ({ code }: NodeJS.ErrnoException) => {
          // EAGAIN: the queue of waiting connections is full.
          answer(code === 'ECONNREFUSED' ? 'dead' : code === 'EAGAIN' ? 'alive' : 'unknown');
        });
      });
    } catch {
      resolve('unknown');
    }
  });
}

/** Calls `use` with a path short enough for a socket; Node silently truncates longer ones. */
function withShortPath(folder: string, name: string, use: (path: string) => void): void {
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
