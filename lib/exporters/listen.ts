import type { AddressInfo, Server } from 'node:net';
import { PromarkError } from '../model/errors.js';

/** Binds a server and tells the port. Rejects with a PromarkError that names port and host where that is impossible. */
export async function listen(server: Server, port: number, host: string | undefined): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(listenError(error, port, host));
    server.once('error', failed);
    server.listen({ port, host }, () => {
      server.off('error', failed);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken. Choose another `port` (0 picks a free one), or stop what listens there',
  EACCES: 'this process is not allowed to. Choose a `port` above 1023',
  EADDRNOTAVAIL: 'this machine has no such address. Leave `host` out to listen on all that it has',
  ENOTFOUND: 'no address is known for this name. Leave `host` out to listen on all addresses',
};

function listenError(error: NodeJS.ErrnoException, port: number, host: string | undefined): PromarkError {
  const where = host === undefined ? 'on all addresses' : `on host ${host}`;
  const reason = REASONS[error.code ?? ''] ?? error.message;
  return new PromarkError(`The metrics server cannot listen on port ${port} ${where}: ${reason}.`, { cause: error });
}
